import { type ConfigSinkSpec, SINK_DEFAULTS, type SinkContent } from '@signalbox/contracts';

/** What a target has, as guards look at it. */
export interface AppliedResources {
  readonly content: SinkContent;
  /** Their identities; absent where only their number is known, which is so after a restart. */
  readonly keys?: ReadonlySet<string>;
  /** Revision of the spec by which it was applied; absent: not known. */
  readonly revision?: number;
}

/** What a guard says of a document. */
export interface Guarded {
  /** For people. */
  readonly reason: string;
  /** Nothing was applied yet, so that nothing is kept from going. */
  readonly isFirst: boolean;
}

/**
 * Why a document is not to take the place of what is applied; undefined when it may. `onEmpty: hold`: nothing is selected any
 * more. `maxRemovedPercent`: more of the identities that are applied would be gone. Where only their number is known, what is
 * gone is at least how many fewer there are.
 */
export function guardOf(
  { onEmpty = SINK_DEFAULTS.onEmpty, maxRemovedPercent = SINK_DEFAULTS.maxRemovedPercent }: ConfigSinkSpec,
  keys: readonly string[],
  applied: AppliedResources | undefined,
): Guarded | undefined {
  if (keys.length === 0 && onEmpty === 'hold')
    return applied
      ? { reason: 'nothing is selected any more, and onEmpty is hold', isFirst: false }
      : { reason: 'nothing is selected yet', isFirst: true };
  const before = applied?.content.resources ?? 0;
  if (!applied || before === 0) return undefined;
  const removed = removedOf(keys, applied, before);
  if (removed * 100 <= maxRemovedPercent * before) return undefined;
  const percent = Math.floor((removed * 100) / before);
  return {
    reason: `${removed} of ${before} resources (${percent} %) would be gone at once, and maxRemovedPercent is ${maxRemovedPercent}`,
    isFirst: false,
  };
}

function removedOf(keys: readonly string[], applied: AppliedResources, before: number): number {
  if (!applied.keys) return Math.max(0, before - keys.length);
  const present = new Set(keys);
  let removed = 0;
  for (const key of applied.keys) if (!present.has(key)) removed += 1;
  return removed;
}
