import { CodedError } from '@signalbox/contracts';
import { OrderTime } from '../../order-time.js';
import type { Deadline } from '../driver.js';

/** The time that one order to HAProxy has; over it is `data-plane-unavailable`. */
export class Expiry extends OrderTime {
  constructor(deadline: Deadline) {
    super(deadline, unavailable);
  }
}

/** The error of a data plane that cannot be reached, or does not do what it is told. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('data-plane-unavailable', message, [], { cause });
}
