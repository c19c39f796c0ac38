import { activePoolIndex, countedUp, neededUp, type PoolOptions } from './active-pool.js';
import type { MemberView } from './pool-view.js';

/** What the choice depends on. Milliseconds. */
export type FailbackOptions = PoolOptions & { readonly failbackDelayMs: number };

/** Which pool gets traffic, and which better ones have to wait for it. */
export interface ActivePool {
  readonly index: number;
  /** Index of a better pool → until when it waits at least, epoch ms, at most `failbackDelayMs` from now. */
  readonly waiting: ReadonlyMap<number, number>;
}

/**
 * The active pool when going back takes time: a better pool takes over from `current` (its index, or -1 when no pool
 * was active) only when it has been usable for `failbackDelayMs`. Away from a pool that is not usable traffic goes at
 * once, and so it goes to a pool whose members are up for the first time. spec/balance "Rules", reference 12.4 (5).
 */
export function chooseActivePool(
  pools: readonly (readonly MemberView[])[],
  options: FailbackOptions,
  current: number,
  nowMs: number,
): ActivePool {
  const best = activePoolIndex(pools, options);
  const needed = neededUp(pools, options);
  const usableSince = pools.map((members) => usableSinceMs(members, options, needed, nowMs));
  const currentIsUsable = usableSince[current] !== undefined;
  if (options.failbackDelayMs === 0 || current <= best || !currentIsUsable)
    return { index: best, waiting: new Map() };

  const waiting = new Map<number, number>();
  for (const [index, sinceMs] of usableSince.slice(0, current).entries()) {
    if (sinceMs === undefined) continue;
    // While the clock is behind the records the wait is told until it has caught up, never longer than one delay.
    const readyAtMs = sinceMs > nowMs ? sinceMs : sinceMs + options.failbackDelayMs;
    if (readyAtMs <= nowMs) return { index, waiting };
    waiting.set(index, readyAtMs);
  }
  return { index: current, waiting };
}

/**
 * By when `needed` of the members that are up now were up, or undefined when fewer are. It comes from the states
 * alone, so a restart does not start the delay again. Always (-Infinity) for members that are up for the first time,
 * and for those of whom the clock is behind by more than the delay: it was set back.
 */
export function usableSinceMs(
  members: readonly MemberView[],
  options: FailbackOptions,
  needed: number,
  nowMs: number,
): number | undefined {
  const since = countedUp(members, options).map(({ sinceMs, isFirstUp }) =>
    isFirstUp || sinceMs - nowMs > options.failbackDelayMs ? Number.NEGATIVE_INFINITY : sinceMs,
  );
  return since.sort((a, b) => (a === b ? 0 : a - b))[needed - 1];
}
