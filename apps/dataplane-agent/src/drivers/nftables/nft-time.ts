import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../driver.js';

/** The time that one order has; programs that run meanwhile end with it. */
export class NftTime {
  readonly signal: AbortSignal;
  private readonly deadlineMs: number;

  constructor({ deadlineMs }: Deadline) {
    this.deadlineMs = deadlineMs;
    this.signal = AbortSignal.timeout(deadlineMs);
  }

  over(waitingFor: string): CodedError {
    return unavailable(`waited ${this.deadlineMs} ms for ${waitingFor}`);
  }
}

/** The error of a kernel that cannot be told or asked. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('data-plane-unavailable', message, [], { cause });
}
