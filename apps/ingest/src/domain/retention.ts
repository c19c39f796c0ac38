import { type EventGroupSpec, goDurationMs, type RetentionRecord } from '@signalbox/contracts';

/** How long facts are kept: counted, and by age since they arrived. Undefined: without that bound. */
export interface Retention {
  readonly maxAgeMs?: number;
  readonly maxEvents?: number;
}

/** Facts are pruned in steps of this share of a bound, so that an absent peer gets few dead letters for many facts. */
const STEP = 0.01;

/** What a group asks for, where it says nothing as the site does. 0 and below: without that bound (reference 2.1). */
export function retentionOf({ retention }: Pick<EventGroupSpec, 'retention'>, site: Retention): Retention {
  const { maxAge, maxEvents } = retention ?? {};
  const maxAgeMs = maxAge === undefined || maxAge === '' ? site.maxAgeMs : goDurationMs(maxAge);
  const most = maxEvents ?? site.maxEvents;
  return {
    ...(maxAgeMs !== undefined && maxAgeMs > 0 && { maxAgeMs }),
    ...(most !== undefined && most > 0 && { maxEvents: most }),
  };
}

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
