import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../drivers/driver.js';

/** Between two looks at something that is waited for. Milliseconds. */
const LOOK_MS = 5;

/** The time that one order has; everything that is waited for meanwhile ends with it. */
export class DaemonTime {
  readonly signal: AbortSignal;
  private readonly deadlineMs: number;
  private readonly endsAtMs: number;

  constructor({ deadlineMs }: Deadline) {
    this.deadlineMs = deadlineMs;
    this.endsAtMs = Date.now() + deadlineMs;
    this.signal = AbortSignal.timeout(deadlineMs);
  }

  /** When it is over, as gRPC wants it. */
  get end(): Date {
    return new Date(this.endsAtMs);
  }

  /** Waits until it is time to look again. Rejects with `announcer-unavailable` when the time is over. */
  async pause(waitingFor: string): Promise<void> {
    await sleep(LOOK_MS, undefined, { signal: this.signal }).catch(() => undefined);
    this.check(waitingFor);
  }

  /** Throws `announcer-unavailable` when the time is over. */
  check(waitingFor: string): void {
    if (this.signal.aborted) throw this.over(waitingFor);
  }

  over(waitingFor: string): CodedError {
    return unavailable(`waited ${this.deadlineMs} ms for ${waitingFor}`);
  }
}

/** The error of a daemon that cannot be reached, or does not do what it is told. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('announcer-unavailable', message, [], { cause });
}

/** The error of a daemon that does not take what it is told. */
export function refused(message: string, cause?: unknown): CodedError {
  return new CodedError('announce-refused', message, [], { cause });
}
