import { BATCH_SIZE } from './follower.js';

/**
 * Gathers what arrives in one turn of the event loop and hands it on together, in order, at most {@link BATCH_SIZE} at
 * once: what the socket had in store becomes one batch, and a single thing waits for nothing.
 */
export class Gathering<T> {
  private gathered: T[] = [];

  constructor(private readonly handOn: (together: readonly T[]) => void) {}

  add(one: T): void {
    if (this.gathered.push(one) === 1) setImmediate(() => this.flush());
    else if (this.gathered.length >= BATCH_SIZE) this.flush();
  }

  private flush(): void {
    if (this.gathered.length === 0) return;
    const together = this.gathered;
    this.gathered = [];
    this.handOn(together);
  }
}
