import { createHmac, timingSafeEqual } from 'node:crypto';
import { CodedError } from './errors.js';

/** Where a peer push is received, below the endpoint of a peer. Reference 4.2. */
export const PEER_EVENTS_PATH = '/v1/events';

/** Header with the time of signing: base-10 unix seconds. Reference 4.3. */
export const TIMESTAMP_HEADER = 'X-Routerd-Timestamp';

/** Header with the signature: lower-case hex. Reference 4.3. */
export const SIGNATURE_HEADER = 'X-Routerd-Signature';

/** Most bytes of a pushed body (1 MiB); more is `too-large` before any hashing. Reference 3.9. */
export const PEER_BODY_BYTES = 1 << 20;

/** The key of a group: what `secretBytes` finds in its file, never empty. Bytes, because decoding would change some. */
export type PeerSecret = Uint8Array;

/** A whole number as Go's `strconv.ParseInt(_, 10, 64)` reads it; 18 digits are far beyond every clock. */
const UNIX_SECONDS = /^[+-]?\d{1,18}$/;

/** Signature of a pushed body: HMAC-SHA256 over timestamp, LF and the raw body, lower-case hex. Reference 4.3. */
export function signBody(secret: PeerSecret, timestamp: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(`${timestamp}\n`).update(body).digest('hex');
}

/** Whether one of the secrets made the signature. The time taken does not tell which, nor how much of it is right. */
export function verifySignature(
  secrets: readonly PeerSecret[],
  timestamp: string,
  body: Uint8Array,
  signature: string,
): boolean {
  const given = Buffer.from(signature);
  let verified = false;
  for (const secret of secrets) {
    const expected = Buffer.from(signBody(secret, timestamp, body));
    if (given.length === expected.length && timingSafeEqual(given, expected)) verified = true;
  }
  return verified;
}

/**
 * Checks the timestamp header against our clock; both sides of the window count (reference 3.6, 4.3).
 * Returns unix seconds. Throws `bad-timestamp` when it is missing or no whole number, and `stale-timestamp` when it is
 * further from now than the window's whole seconds.
 */
export function checkTimestamp(header: string | undefined, nowMs: number, windowMs: number): number {
  if (header === undefined || !UNIX_SECONDS.test(header)) {
    throw new CodedError('bad-timestamp', `${TIMESTAMP_HEADER} must be the unix time in seconds`);
  }
  const seconds = Number(header);
  const apart = Math.abs(Math.floor(nowMs / 1000) - seconds);
  if (apart > Math.floor(windowMs / 1000)) {
    throw new CodedError(
      'stale-timestamp',
      `the request was signed ${apart} s away from our clock: check the clocks of both sides`,
    );
  }
  return seconds;
}
