import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../drivers/driver.js';

/** Between two looks at something that is waited for. Milliseconds. */
const LOOK_MS = 5;

/** The time that one order to keepalived has; everything that is waited for meanwhile ends with it. */
export class VrrpTime {
  readonly signal: AbortSignal;
  private readonly deadlineMs: number;

  constructor({ deadlineMs }: Deadline) {
    this.deadlineMs = deadlineMs;
    this.signal = AbortSignal.timeout(deadlineMs);
  }

  /** Waits until it is time to look again. Rejects with `announcer-unavailable` when the time is over. */
  async pause(waitingFor: string): Promise<void> {
    if (this.signal.aborted) throw this.over(waitingFor);
    await sleep(LOOK_MS, undefined, { signal: this.signal }).catch(() => undefined);
  }

  over(waitingFor: string): CodedError {
    return unavailable(`waited ${this.deadlineMs} ms for ${waitingFor}; see that it runs and is not stopped`);
  }
}

/** The error of a keepalived that cannot be reached, or does not do what it is told. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('announcer-unavailable', message, [], { cause });
}
