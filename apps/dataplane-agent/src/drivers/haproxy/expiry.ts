import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../driver.js';

/** Between two looks at something that is waited for. Milliseconds. */
const LOOK_MS = 5;

/** The time that one order has; everything that is waited for meanwhile ends with it. */
export class Expiry {
  readonly signal: AbortSignal;
  private readonly deadlineMs: number;

  constructor({ deadlineMs }: Deadline) {
    this.deadlineMs = deadlineMs;
    this.signal = AbortSignal.timeout(deadlineMs);
  }

  /** Waits until it is time to look again. Rejects with `data-plane-unavailable` when the time is over. */
  async pause(waitingFor: string): Promise<void> {
    await sleep(LOOK_MS, undefined, { signal: this.signal }).catch(() => undefined);
    this.check(waitingFor);
  }

  /** Throws `data-plane-unavailable` when the time is over. */
  check(waitingFor: string): void {
    if (this.signal.aborted) throw this.over(waitingFor);
  }

  over(waitingFor: string): CodedError {
    return unavailable(
      `waited ${this.deadlineMs} ms for ${waitingFor}; see that HAProxy runs and is not stopped`,
    );
  }
}

/** The error of a data plane that cannot be reached, or does not do what it is told. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('data-plane-unavailable', message, [], { cause });
}
