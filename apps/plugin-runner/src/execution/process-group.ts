import { PROCESS_LIMITS } from './limits.js';

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
