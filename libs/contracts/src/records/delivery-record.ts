import type { ErrorBody } from '../errors.js';

/** Which fact record is delivered: stream position, identity, and the lease the peer has or will have. */
export interface DeliveryKey {
  readonly group: string;
  readonly peer: string;
  readonly seq: number;
  readonly id: string;
  readonly version: number;
  readonly observedAt: string;
  readonly expiresAt?: string;
}

/**
 * Messages of `activity.delivery.<group>.<peer>`, appended by `federation` only.
 * `attempts` counts the tries for this (fact, version). `dead` = given up, see the dead letter.
 */
export type DeliveryRecord =
  | (DeliveryKey & {
      readonly type: 'delivered';
      readonly attempts: number;
      readonly at: string;
      readonly duplicate: boolean;
    })
  | (DeliveryKey & {
      readonly type: 'attempt-failed' | 'dead';
      readonly attempts: number;
      readonly at: string;
      readonly error: ErrorBody;
    });

/** pending = fewer than 3 failed attempts, failed = 3 or more and still retried, dead = given up. */
export const DELIVERY_STATES = ['pending', 'failed', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** From how many failed attempts on a delivery is shown as `failed`. */
export const FAILED_AFTER_ATTEMPTS = 3;
