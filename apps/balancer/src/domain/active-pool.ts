import type { PoolActivation } from '@signalbox/contracts';
import type { MemberView } from './pool-view.js';

/** What makes a pool usable. spec/balance "Rules". */
export interface PoolOptions {
  /** `up-weighted`: members with weight 0 do not count. */
  readonly poolActivation: PoolActivation;
  /** How many members must be up, at least 1. */
  readonly minUp: number;
}

/** What the choice of a pool looks at. */
export type CountedMember = Pick<MemberView, 'state' | 'weight'>;

/**
 * Index of the first pool that is usable; 0 when none is, which nobody sees since all weights are 0.
 * Reference 5.2; the options beyond from spec/balance.
 */
export function activePoolIndex(pools: readonly (readonly CountedMember[])[], options: PoolOptions): number {
  const needed = neededUp(pools, options);
  return Math.max(
    0,
    pools.findIndex((members) => countedUp(members, options).length >= needed),
  );
}

/** How many members a pool needs to be usable: `minUp`, or one while no pool has that many. */
export function neededUp(pools: readonly (readonly CountedMember[])[], options: PoolOptions): number {
  return pools.some((members) => countedUp(members, options).length >= options.minUp) ? options.minUp : 1;
}

/** The members that make their pool usable. */
export function countedUp<M extends CountedMember>(members: readonly M[], options: PoolOptions): M[] {
  return members.filter(
    ({ state, weight }) => state === 'up' && (options.poolActivation === 'up' || weight > 0),
  );
}
