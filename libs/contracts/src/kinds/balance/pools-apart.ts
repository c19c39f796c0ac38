import { addressText, type IpRange } from '../../ip-range.js';
import type { FieldError } from '../../errors.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { rangePointer, VIP_POOL } from './vip-pool.js';
import { vipPoolModel } from './vip-pool-model.js';

interface Entry {
  readonly pool: Resource;
  readonly range: IpRange;
  readonly at: number;
}

/** Ranges overlap in ways that no key tells, and pools are few: each sees all. */
const POOLS = 'VipPools';

/** No address is written in two VipPools, or twice in one: it would be granted twice. ADR 0025. */
export const POOLS_APART: SetRule = {
  about: [VIP_POOL],
  places: (resource) => (isOfKind(resource, VIP_POOL) ? [POOLS] : []),
  near: (_pool, { at }) => at(POOLS),
  over(resources) {
    const entries: Entry[] = [];
    for (const pool of resources)
      if (isOfKind(pool, VIP_POOL))
        entries.push(...vipPoolModel(pool).ranges.map((range, at) => ({ pool, range, at })));
    const errors = new Map<string, FieldError[]>();
    for (const [one, other] of overlaps(entries)) {
      tell(errors, one, other);
      tell(errors, other, one);
    }
    return (pool) => errors.get(keyOf(pool)) ?? [];
  },
};

/** Pairs of which each range takes part in at least one when it overlaps any other. O(n log n). */
function* overlaps(entries: readonly Entry[]): Generator<readonly [Entry, Entry]> {
  const sorted = [...entries].sort(
    (a, b) => compare(a.range.family, b.range.family) || compare(a.range.first, b.range.first),
  );
  let widest: Entry | undefined;
  for (const entry of sorted) {
    const isBehind = widest?.range.family !== entry.range.family || widest.range.last < entry.range.first;
    if (widest && !isBehind) yield [widest, entry];
    if (!widest || isBehind || widest.range.last < entry.range.last) widest = entry;
  }
}

function tell(errors: Map<string, FieldError[]>, { pool, at }: Entry, other: Entry): void {
  const { family, first, last } = other.range;
  const span = `${addressText(family, first)}-${addressText(family, last)}`;
  const whose = keyOf(other.pool) === keyOf(pool) ? `entry ${other.at}` : refText(refOf(other.pool));
  const told = errors.get(keyOf(pool)) ?? [];
  told.push({ pointer: rangePointer(at), message: `overlaps ${span} of ${whose}: an address has one pool` });
  errors.set(keyOf(pool), told);
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
