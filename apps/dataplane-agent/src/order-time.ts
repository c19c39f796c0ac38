import { setTimeout as sleep } from 'node:timers/promises';
import type { CodedError } from '@signalbox/contracts';
import type { Deadline } from './drivers/driver.js';

/** Between two looks at something that is waited for. Milliseconds. */
const LOOK_MS = 5;

/** The time that one order to a program has; everything that is waited for meanwhile ends with it. */
export class OrderTime {
  readonly signal: AbortSignal;
  private readonly deadlineMs: number;
  private readonly endsAtMs: number;

  /** `unavailable` makes the error of a program that does not answer in time. */
  constructor(
    { deadlineMs }: Deadline,
    private readonly unavailable: (message: string) => CodedError,
  ) {
    this.deadlineMs = deadlineMs;
    this.endsAtMs = Date.now() + deadlineMs;
    this.signal = AbortSignal.timeout(deadlineMs);
  }

  /** When it is over, as gRPC wants it. */
  get end(): Date {
    return new Date(this.endsAtMs);
  }

  /** Waits until it is time to look again. Rejects as {@link over} says when the time is over. */
  async pause(waitingFor: string): Promise<void> {
    await sleep(LOOK_MS, undefined, { signal: this.signal }).catch(() => undefined);
    this.check(waitingFor);
  }

  /** Throws what {@link over} says when the time is over. */
  check(waitingFor: string): void {
    if (this.signal.aborted) throw this.over(waitingFor);
  }

  over(waitingFor: string): CodedError {
    return this.unavailable(
      `waited ${this.deadlineMs} ms for ${waitingFor}; see that it runs and is not stopped`,
    );
  }
}
