import { HEALTH_CHECK_DEFAULTS } from '@signalbox/contracts';

/** Accepted status codes, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads `params.responseCode`: a number, `"200"` or `"200-299"`; absent = the default. Undefined when it is none of
 * these or not within 100-599. Reference 2.5.
 */
export function parseResponseCode(
  code: string | number = HEALTH_CHECK_DEFAULTS.responseCode,
): StatusRange | undefined {
  const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(code));
  if (!match) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from <= to ? { from, to } : undefined;
}
