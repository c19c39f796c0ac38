import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GUARD_FILES, GUARD_NAME, GUARD_SCRIPT } from './guard-script.js';
import { PROGRAM_ENV } from '../run-program.js';
import { unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Looks at an ending guard for each time that it is told to end. */
const LOOKS_PER_SIGNAL = 50;

/** Where a guard lives, and the programs that it uses. */
export interface GuardSettings {
  /** Absolute; of one node alone. */
  readonly directory: string;
  readonly keepalived: string;
  readonly ip: string;
}

/** Signals that keepalived understands: load the file anew, say how it is. */
export type KeepalivedSignal = 'SIGHUP' | 'SIGUSR1';

/**
 * The processes beside the agent that have VIPs on this node: the guard, and keepalived, which it starts. Both outlive the agent, and the next
 * one finds them by their files.
 */
export class Guard {
  /** The one that this process started last. */
  private started: number | undefined;

  constructor(private readonly settings: GuardSettings) {}

  get isAlive(): boolean {
    return this.guardPid !== undefined;
  }

  /** Whether keepalived runs, with both of its processes. */
  get runsKeepalived(): boolean {
    return this.keepalivedPid !== undefined && this.pidIn('routerPid', this.pathOf('config')) !== undefined;
  }

  /**
   * Starts the guard unless one lives, or waits for those before it to end. It takes away what they left, and starts keepalived if there is a
   * file for it.
   */
  start(): void {
    const { directory, keepalived, ip } = this.settings;
    if (this.isAlive || this.isStarting) return;
    const args = ['-c', GUARD_SCRIPT, GUARD_NAME, directory, keepalived, ip];
    const child = spawn('/bin/sh', args, { detached: true, stdio: 'ignore', env: PROGRAM_ENV, cwd: '/' });
    // who cannot be started is missed by who waits for it
    child.on('error', () => undefined);
    child.unref();
    this.started = child.pid;
  }

  /** Ends the guard, keepalived and what it has put on interfaces; another node leads from then on. */
  async end(time: OrderTime): Promise<void> {
    for (let looks = 0; this.isAlive || this.isStarting; looks += 1) {
      const pid = this.guardPid;
      // a keepalived that has only begun may miss the first
      if (pid !== undefined && looks % LOOKS_PER_SIGNAL === 0) signal(pid, 'SIGTERM');
      await time.pause('keepalived to end');
    }
  }

  /** A keepalived that ended is started at once, not after the pause that grows with each end. */
  hurry(): void {
    const pid = this.guardPid;
    if (pid !== undefined) signal(pid, 'SIGUSR1');
  }

  /** Rejects with `announcer-unavailable` when keepalived does not run. */
  tellKeepalived(name: KeepalivedSignal): void {
    const pid = this.keepalivedPid;
    if (pid === undefined || !signal(pid, name)) throw unavailable('keepalived does not run');
  }

  pathOf(file: keyof typeof GUARD_FILES): string {
    return join(this.settings.directory, GUARD_FILES[file]);
  }

  /** Text of a file; undefined: there is none. */
  read(file: keyof typeof GUARD_FILES): string | undefined {
    return textOf(this.pathOf(file));
  }

  /** Puts a text in the place of a file, at once and as a whole, also when the machine loses its power. */
  async write(file: keyof typeof GUARD_FILES, text: string): Promise<void> {
    await mkdir(this.settings.directory, { recursive: true, mode: 0o700 });
    const next = `${this.pathOf(file)}.next`;
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.pathOf(file));
  }

  async remove(file: keyof typeof GUARD_FILES): Promise<void> {
    await rm(this.pathOf(file), { force: true });
  }

  private get guardPid(): number | undefined {
    return this.pidIn('guardPid', this.settings.directory);
  }

  private get keepalivedPid(): number | undefined {
    return this.pidIn('parentPid', this.pathOf('config'));
  }

  private get isStarting(): boolean {
    return this.started !== undefined && isCalledWith(this.started, this.settings.directory);
  }

  /** Number of the process that a file names, if it is still that one. */
  private pidIn(file: keyof typeof GUARD_FILES, word: string): number | undefined {
    const pid = Number(this.read(file));
    return pid > 0 && isCalledWith(pid, word) ? pid : undefined;
  }
}

/** Whether a process lives that has the word in its command line: numbers are given again. */
function isCalledWith(pid: number, word: string): boolean {
  return textOf(`/proc/${pid}/cmdline`)?.split('\0').includes(word) ?? false;
}

/** Undefined when it cannot be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** False: there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
