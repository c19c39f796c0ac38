import type { RetentionRecord } from '@signalbox/contracts';

/** Facts are pruned in steps of this share of a bound, so that an absent peer gets few dead letters for many facts. */
const STEP = 0.01;

/** Whether the oldest message of a stream is so old that it is worth while to look for a cut. */
export function isTooOld(oldestMs: number, nowMs: number, maxAgeMs: number): boolean {
  return nowMs - oldestMs > maxAgeMs * (1 + STEP);
}

/** Whether a stream holds so many facts that it is worth while to look for a cut. */
export function isTooMany(facts: number, maxEvents: number): boolean {
  return facts > maxEvents + Math.floor(maxEvents * STEP);
}

/** Sequences: the last that each bound lets go, 0 for none, and the last that everybody who has to has seen. */
export interface Cuts {
  readonly byAge: number;
  readonly byNumber: number;
  readonly seen: number;
}

/** The last sequence that is not kept, and which bound said so; undefined when all that there is, from `firstSeq` on, is kept. */
export function decideCut(
  { byAge, byNumber, seen }: Cuts,
  firstSeq: number,
): Pick<RetentionRecord, 'upTo' | 'bound'> | undefined {
  const upTo = Math.min(Math.max(byAge, byNumber), seen);
  if (upTo < firstSeq) return undefined;
  return { upTo, bound: byAge >= byNumber ? 'maxAge' : 'maxEvents' };
}
