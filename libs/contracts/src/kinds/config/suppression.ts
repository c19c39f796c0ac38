import type { SuppressedResource } from '../../records/effective-record.js';
import type { ResourceRef } from '../../resource.js';
import { timestampNs } from '../../timestamp.js';

/** The mask of one part, as it hides an operator resource. `expiresAt`: end of the part, RFC 3339; absent: it is held. */
export interface Masking {
  readonly source: string;
  readonly expiresAt?: string;
  readonly reason?: string;
}

/** What is told of an operator resource that some parts hide: at least one. Reference 7.4 step 4; D2, D4. */
export function suppressedResource(target: ResourceRef, maskings: readonly Masking[]): SuppressedResource {
  const ends = maskings.map(({ expiresAt }) => expiresAt).filter((end) => end !== undefined);
  const until = ends.length < maskings.length ? undefined : ends.reduce(later);
  const reasons = [...new Set(maskings.flatMap(({ reason }) => reason ?? []))].sort();
  return {
    target,
    maskedBy: maskings.map(({ source }) => source).sort(),
    ...(until !== undefined && { until }),
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

function later(a: string, b: string): string {
  return (timestampNs(b) ?? 0n) > (timestampNs(a) ?? 0n) ? b : a;
}
