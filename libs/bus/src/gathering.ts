import { BATCH_SIZE } from './backlog.js';
import { TURN_MS } from './pace.js';

/**
 * Gathers what arrives in one turn of the event loop and hands it on together, in order, at most {@link BATCH_SIZE} at
 * once: what the socket had in store becomes one batch, and a single thing waits for nothing. Where several come together
 * the next batch waits for a turn of 10 ms; who sends one and waits for its answer is not held up.
 */
export class Gathering<T> {
  private gathered: T[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** When the newest batch of several was handed on. */
  private severalMs = -Infinity;

  constructor(private readonly handOn: (together: readonly T[]) => void) {}

  add(one: T): void {
    if (this.gathered.push(one) === 1) this.schedule();
    else if (this.gathered.length >= BATCH_SIZE) this.flush();
  }

  private schedule(): void {
    const wait = this.severalMs + TURN_MS - performance.now();
    if (wait > 0) this.timer = setTimeout(() => this.flush(), wait);
    else setImmediate(() => this.flush());
  }

  private flush(): void {
    clearTimeout(this.timer);
    if (this.gathered.length === 0) return;
    const together = this.gathered;
    this.gathered = [];
    if (together.length > 1) this.severalMs = performance.now();
    this.handOn(together);
  }
}
