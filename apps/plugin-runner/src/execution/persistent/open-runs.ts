import { PROCESS_LIMITS } from '../limits.js';

/**
 * The requests that a process was given and has not answered, in the order they were written. The first is the head:
 * its turn began when it was written or when the one before it was answered, whichever came later.
 */
export class OpenRuns<Run extends { readonly tag: string }> {
  private readonly byTag = new Map<string, Run>();
  private turnSinceMs = 0;
  private quietSinceMs = 0;

  get size(): number {
    return this.byTag.size;
  }

  has(tag: string): boolean {
    return this.byTag.has(tag);
  }

  add(run: Run, nowMs: number): void {
    if (this.byTag.size === 0) this.turnSinceMs = this.quietSinceMs = nowMs;
    this.byTag.set(run.tag, run);
  }

  /**
   * Takes out the run that is answered now, with the milliseconds of its turn: 0 when it was answered out of turn,
   * because then the process works on several at once.
   */
  take(tag: string, nowMs: number): { readonly run: Run; readonly turnMs: number } | undefined {
    const run = this.byTag.get(tag);
    if (!run) return undefined;
    const isHead = this.head === run;
    const turnMs = isHead ? nowMs - this.turnSinceMs : 0;
    this.byTag.delete(tag);
    this.quietSinceMs = nowMs;
    if (isHead) this.turnSinceMs = nowMs;
    return { run, turnMs };
  }

  /** Takes out all that are wanted. */
  takeAll(isWanted: (run: Run) => boolean = () => true): Run[] {
    const taken = [...this.byTag.values()].filter(isWanted);
    for (const { tag } of taken) this.byTag.delete(tag);
    return taken;
  }

  get head(): Run | undefined {
    for (const run of this.byTag.values()) return run;
    return undefined;
  }

  /** Milliseconds since the turn of the head began. */
  turnMs(nowMs: number): number {
    return nowMs - this.turnSinceMs;
  }

  /** Whether there was no answer for so long that whatever is written now would wait. */
  isStalled(nowMs: number): boolean {
    return this.byTag.size > 0 && nowMs - this.quietSinceMs > PROCESS_LIMITS.stalledMs;
  }
}
