import { PROBE_LIMITS } from './limits.js';

/**
 * When a process that ended may be started again: the second time after {@link PROBE_LIMITS}.restartMs, then after
 * twice as long each time. One that has worked starts the series again.
 */
export class RestartDelay {
  private nextMs: number = PROBE_LIMITS.restartMs;
  private notBeforeMs = -Infinity;

  isOver(nowMs: number): boolean {
    return nowMs >= this.notBeforeMs;
  }

  ended(nowMs: number, hasWorked: boolean): void {
    if (hasWorked) this.nextMs = PROBE_LIMITS.restartMs;
    this.notBeforeMs = nowMs + this.nextMs;
    this.nextMs = Math.min(2 * this.nextMs, PROBE_LIMITS.restartMaxMs);
  }
}
