import { readdirSync, readFileSync } from 'node:fs';
import { PROCESS_LIMITS } from './limits.js';

/** Members of a group that are named, and characters of each command. */
const NAMED_MEMBERS = 3;
const COMMAND_LENGTH = 80;

/** Ends the group of one process: SIGTERM, after a grace SIGKILL, and a word when even that brings no end. */
export class GroupEnding {
  private sent: 'SIGTERM' | 'SIGKILL' | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `onStuck`: called when the pipes are still held {@link PROCESS_LIMITS}.reapGraceMs after SIGKILL. */
  constructor(
    private readonly pid: number | undefined,
    private readonly onStuck: () => void,
  ) {}

  terminate(): void {
    if (this.sent !== undefined) return;
    this.sent = 'SIGTERM';
    signalGroup(this.pid, 'SIGTERM');
    this.timer = setTimeout(() => this.kill(), PROCESS_LIMITS.killGraceMs);
  }

  kill(): void {
    if (this.sent === 'SIGKILL') return;
    this.sent = 'SIGKILL';
    clearTimeout(this.timer);
    signalGroup(this.pid, 'SIGKILL');
    this.timer = setTimeout(this.onStuck, PROCESS_LIMITS.reapGraceMs);
  }

  /** The process is over: whatever is left of its group is killed, no timer stays. */
  finish(): void {
    clearTimeout(this.timer);
    signalGroup(this.pid, 'SIGKILL');
  }
}

/** Some processes of a group as `pid (command)`, where the system has a /proc that tells them; none elsewhere. */
export function membersOfGroup(group: number | undefined): string[] {
  const members: string[] = [];
  for (const pid of processIds()) {
    if (members.length === NAMED_MEMBERS) break;
    // a process may end while it is looked at
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // behind the last bracket, because the name of a program may hold any character: state, parent, group
      const [state, , its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(its) !== group || state === 'Z') continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      members.push(`${pid} (${command.slice(0, COMMAND_LENGTH)})`);
    } catch {
      continue;
    }
  }
  return members;
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** That nobody is left in a group is what we want. */
function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
