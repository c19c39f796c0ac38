import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../drivers/driver.js';
import { OrderTime } from '../order-time.js';

/** The error of a program that cannot be reached, or does not do what it is told. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('announcer-unavailable', message, [], { cause });
}

/** The error of a program that does not take what it is told. */
export function refused(message: string, cause?: unknown): CodedError {
  return new CodedError('announce-refused', message, [], { cause });
}

/** The time that one order to a program that announces has; over it is `announcer-unavailable`. */
export function announcerTime(deadline: Deadline): OrderTime {
  return new OrderTime(deadline, unavailable);
}
