import { readdirSync, readFileSync } from 'node:fs';
import type { Enclosure } from './containment/enclosure.js';
import { PROCESS_LIMITS } from './limits.js';

/** Members of a group that are named, and characters of each command. */
const NAMED_MEMBERS = 3;
const COMMAND_LENGTH = 80;

/** Ends one process and all that belongs to it: SIGTERM, after a grace SIGKILL, and a word when even that brings no end. */
export class GroupEnding {
  private sent: 'SIGTERM' | 'SIGKILL' | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `onStuck`: called when the pipes are still held {@link PROCESS_LIMITS}.reapGraceMs after SIGKILL. */
  constructor(
    private readonly pid: number | undefined,
    private readonly enclosure: Pick<Enclosure, 'terminate' | 'kill'>,
    private readonly onStuck: () => void,
  ) {}

  terminate(): void {
    if (this.sent !== undefined) return;
    this.sent = 'SIGTERM';
    this.enclosure.terminate(this.pid);
    this.timer = setTimeout(() => this.kill(), PROCESS_LIMITS.killGraceMs);
  }

  kill(): void {
    if (this.sent === 'SIGKILL') return;
    this.sent = 'SIGKILL';
    clearTimeout(this.timer);
    this.enclosure.kill(this.pid);
    this.timer = setTimeout(this.onStuck, PROCESS_LIMITS.reapGraceMs);
  }

  /** The process is over: no timer stays. What is left is ended when its enclosure is closed. */
  finish(): void {
    clearTimeout(this.timer);
  }
}

/**
 * Some processes of a group as `pid (command)`, where the system has a /proc that tells them; none elsewhere. `redact`: what is left
 * out of a command.
 */
export function membersOfGroup(group: number | undefined, redact: (text: string) => string): string[] {
  return membersOf(group)
    .slice(0, NAMED_MEMBERS)
    .flatMap((pid) => {
      try {
        const command = redact(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
        return [`${pid} (${command.slice(0, COMMAND_LENGTH)})`];
      } catch {
        return [];
      }
    });
}

/** The processes of a group that have not ended, its leader included; none where the system has no /proc. */
export function membersOf(group: number | undefined): number[] {
  return processIds().filter((pid) => {
    // a process may end while it is looked at
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // behind the last bracket, because the name of a program may hold any character: state, parent, group
      const [state, , its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(its) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** All processes that this system tells of. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Signals every process of a group. That nobody is left in it is what we want. */
export function signalGroup(leader: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (leader !== undefined) signalProcess(-leader, signal);
}

/** Signals one process, or the group of a negative number; one that is gone, or not ours, is left alone. */
export function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
