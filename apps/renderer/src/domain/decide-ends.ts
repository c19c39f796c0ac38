import {
  type Cause,
  formatTime,
  type PartRecord,
  type PartRef,
  placeOf,
  type Succession,
} from '@signalbox/contracts';
import { endMs, type LivePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';
import type { Withdrawal } from './pending-withdrawals.js';

/** A record that names one part and ends it. */
export type PartEnd = Extract<PartRecord, PartRef>;

/** What a record is caused by when nothing but time passed. */
export const CLOCK_CAUSE: Cause = { stream: 'clock', seq: 0 };

/**
 * What an owner derived from the lineages (from all of them when none are named) ends once it is due; not what was proposed
 * after the withdrawal. With it ends what it took over from another name; one of a name that was handed over is about that
 * alone. A part that has a further lineage which no newer part has stays, until a run of that takes its place.
 */
export function decideWithdrawal(
  { owner, lineages, dueAt, reason }: Withdrawal,
  parts: LiveParts,
  succession: Succession,
  cause: Cause,
  nowMs: number,
): PartEnd[] {
  if (endMs(dueAt) > nowMs) return [];
  const names = succession.namesOf(succession.heirOf(owner));
  return parts
    .ofOwner(succession.heirOf(owner) === owner ? names : [owner], lineages)
    .filter((live) => !parts.isProposedAfter(live, placeOf(cause)) && parts.isLeftBy(live, lineages, names))
    .map((live) => endOf('withdrawn', live, cause, nowMs, reason));
}

/** A part ends at its time, whatever the expiry of its facts; `due` are the parts whose time has come. */
export function decideExpiries(due: readonly LivePart[], nowMs: number): PartEnd[] {
  return due.map((live) =>
    endOf('expired', live, CLOCK_CAUSE, nowMs, `ended at ${live.part.expiresAt ?? ''}`),
  );
}

function endOf(
  type: 'withdrawn' | 'expired',
  { part: { source, generation, owner } }: LivePart,
  cause: Cause,
  nowMs: number,
  reason: string,
): PartEnd {
  return { type, source, generation, owner, at: formatTime(nowMs), cause, reason };
}
