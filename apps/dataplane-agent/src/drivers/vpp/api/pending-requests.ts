import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../driver.js';
import type { Reply } from './field-value.js';

/** Most answers to one dump: 50 times those of the largest node that was measured. */
const MOST_DETAILS = 1_000_000;

/** Most requests that wait at once. Each is a few hundred bytes in the socket of a VPP that is busy. */
const MOST_WAITING = 100_000;

interface Waiting {
  readonly answered: (reply: Reply) => void;
  readonly failed: (error: Error) => void;
}

/** Requests that VPP has not answered yet, by the context that goes there and comes back. */
export class PendingRequests {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /**
   * A context that no request has. It is never 0, which VPP gives to what nobody asked for. Throws `data-plane-unavailable` when too many
   * requests wait.
   */
  nextContext(): number {
    if (this.waiting.size >= MOST_WAITING)
      throw new CodedError('data-plane-unavailable', `${MOST_WAITING} requests to VPP wait for an answer`);
    do this.last = this.last >= 0xffff_ffff ? 1 : this.last + 1;
    while (this.waiting.has(this.last));
    return this.last;
  }

  /** The answer to one request. Rejects with `data-plane-unavailable` when none comes in time. */
  async one(context: number, request: string, { deadlineMs }: Deadline): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        this.waiting.delete(context);
      };
      const timer = setTimeout(() => {
        over();
        reject(
          new CodedError(
            'data-plane-unavailable',
            `waited ${deadlineMs} ms for the answer of VPP to ${request}`,
          ),
        );
      }, deadlineMs);
      this.waiting.set(context, {
        answered: (reply) => {
          over();
          resolve(reply);
        },
        failed: (error) => {
          over();
          reject(error);
        },
      });
    });
  }

  /** All answers to a dump, which are over when its ping is answered. Rejects as {@link one}. */
  async many(context: number, ping: number, request: string, deadline: Deadline): Promise<Reply[]> {
    const details: Reply[] = [];
    const answered = (reply: Reply): void => {
      if (details.length >= MOST_DETAILS)
        throw new CodedError(
          'data-plane-refused',
          `VPP answers ${request} with more than ${MOST_DETAILS} entries`,
        );
      details.push(reply);
    };
    this.waiting.set(context, { answered, failed: () => undefined });
    try {
      await this.one(ping, request, deadline);
      return details;
    } finally {
      this.waiting.delete(context);
    }
  }

  /** Hands an answer to who waits for it; false: nobody does. */
  answer(context: number, reply: Reply): boolean {
    const waiting = this.waiting.get(context);
    waiting?.answered(reply);
    return waiting !== undefined;
  }

  /** Nothing comes any more. */
  fail(error: Error): void {
    for (const waiting of [...this.waiting.values()]) waiting.failed(error);
    this.waiting.clear();
  }
}
