import { CodedError } from '@signalbox/contracts';
import { onAbort } from '../abort-listener.js';

interface Waiter<T> {
  take(item: T): void;
  refuse(error: Error): void;
}

/** Those who wait for a thing, first come first served. */
export class WaitingLine<T> {
  private readonly waiters = new Set<Waiter<T>>();

  /** `bound`: how many may wait. */
  constructor(private readonly bound: number) {}

  get size(): number {
    return this.waiters.size;
  }

  /** Rejects with `aborted()` when the signal comes first, with `not-ready` when too many wait already. */
  join(signal: AbortSignal | undefined, aborted: () => Error): Promise<T> {
    if (this.waiters.size >= this.bound)
      return Promise.reject(new CodedError('not-ready', `${this.bound} runs already wait for a process`));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiters.delete(waiter);
        leaveSignal();
      };
      const waiter: Waiter<T> = {
        take: (item) => {
          leave();
          resolve(item);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      this.waiters.add(waiter);
      const leaveSignal = onAbort(signal, () => waiter.refuse(aborted()));
    });
  }

  /** Gives the thing to who has waited longest; false when nobody waits. */
  next(item: T): boolean {
    const [first] = this.waiters;
    first?.take(item);
    return first !== undefined;
  }

  refuseAll(error: Error): void {
    for (const waiter of [...this.waiters]) waiter.refuse(error);
  }
}
