import { PROCESS_LIMITS } from '../limits.js';

/**
 * How many requests may be open on each process of a plugin: as many as it proves to answer quickly. Each quick answer
 * allows one more, each slow one half. So a plugin that takes a millisecond is never without work, and one that takes
 * a second does not keep a queue that its other processes could work on.
 */
export class AnswerWindow {
  private open: number;

  /** `most`: never more, {@link PROCESS_LIMITS}.window if not told otherwise. */
  constructor(private readonly most: number = PROCESS_LIMITS.window) {
    this.open = this.within(PROCESS_LIMITS.smallestWindow);
  }

  get size(): number {
    return this.open;
  }

  /** `turnMs`: milliseconds from its turn, every request written before it answered, to its answer. */
  onAnswer(turnMs: number): void {
    this.open = this.within(turnMs <= PROCESS_LIMITS.quickAnswerMs ? this.open + 1 : this.open >> 1);
  }

  private within(size: number): number {
    return Math.min(this.most, Math.max(PROCESS_LIMITS.smallestWindow, size));
  }
}
