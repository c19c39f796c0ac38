import { activePoolIndex, countedUp, neededUp, type PoolOptions } from './active-pool.js';
import type { MemberView } from './pool-view.js';

/** Which pool gets traffic, and which better ones have to wait for it. */
export interface ActivePool {
  readonly index: number;
  /** Index of a better pool → when it has been usable for long enough, epoch ms. */
  readonly waiting: ReadonlyMap<number, number>;
}

/**
 * The active pool when going back takes time: a better pool takes over from `current` (its index, or -1 when no pool
 * was active) only when it has been usable for `failbackDelayMs`. Away from a pool that is not usable traffic goes at
 * once. spec/balance "Rules", reference 12.4 (5).
 */
export function chooseActivePool(
  pools: readonly (readonly MemberView[])[],
  options: PoolOptions & { readonly failbackDelayMs: number },
  current: number,
  nowMs: number,
): ActivePool {
  const best = activePoolIndex(pools, options);
  const needed = neededUp(pools, options);
  const usableSince = pools.map((members) => usableSinceMs(members, options, needed));
  const currentIsUsable = usableSince[current] !== undefined;
  if (options.failbackDelayMs === 0 || current <= best || !currentIsUsable)
    return { index: best, waiting: new Map() };

  const waiting = new Map<number, number>();
  for (const [index, sinceMs] of usableSince.slice(0, current).entries()) {
    if (sinceMs === undefined) continue;
    const readyAtMs = sinceMs + options.failbackDelayMs;
    if (readyAtMs <= nowMs) return { index, waiting };
    waiting.set(index, readyAtMs);
  }
  return { index: current, waiting };
}

/**
 * By when `needed` of the members that are up now were up, or undefined when fewer are. It comes from the states
 * alone, so a restart does not start the delay again.
 */
export function usableSinceMs(
  members: readonly MemberView[],
  options: PoolOptions,
  needed: number,
): number | undefined {
  const since = countedUp(members, options).map(({ sinceMs }) => sinceMs);
  return since.sort((a, b) => a - b)[needed - 1];
}
