/** What comes more often than this is handled in turns. Per second. */
const OFTEN = 250;

/** Least time between two turns then. Milliseconds. */
export const TURN_MS = 10;

/** Over which time "often" is judged. Milliseconds. */
const MEMORY_MS = 100;

/**
 * How soon what came may be handled: at once while little comes, and in turns of 10 ms when more than 250 a second do. A
 * turn costs a process, and those that follow from it, much more than one thing more in it.
 */
export class Pace {
  private perSecond = 0;
  private cameMs = 0;
  private turnMs = -Infinity;

  /** Something came. */
  came(): void {
    const nowMs = performance.now();
    this.perSecond = this.perSecond * Math.exp((this.cameMs - nowMs) / MEMORY_MS) + 1000 / MEMORY_MS;
    this.cameMs = nowMs;
  }

  /** A turn begins. */
  begin(): void {
    this.turnMs = performance.now();
  }

  /** When the next turn may begin, by `performance.now()`. */
  get dueMs(): number {
    return this.perSecond > OFTEN ? this.turnMs + TURN_MS : 0;
  }
}
