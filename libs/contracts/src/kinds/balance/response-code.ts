/** HTTP statuses that a probe accepts, both ends included. */
export interface ResponseCodes {
  readonly low: number;
  readonly high: number;
}

/**
 * Reads `responseCode` of a HealthCheck: one code or a range such as `200-299`, within 100..599 and low to high;
 * undefined for anything else. Reference maglev 2.5, 2.8.
 */
export function responseCodes(text: string | number): ResponseCodes | undefined {
  const match = /^(\d{3})(?:-(\d{3}))?$/.exec(String(text));
  if (!match) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return low >= 100 && low <= high && high <= 599 ? { low, high } : undefined;
}
