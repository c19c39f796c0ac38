import { addressKey, type NodeTarget } from '@signalbox/contracts';
import type { DesiredTarget } from './desired-state.js';

/** A target whose port is known. */
export type PlacedTarget = DesiredTarget & { readonly port: number };

/**
 * The targets with how often each came into a state in which its connections are cut: once for each entry, whatever its
 * weight was before, and not again while it stays (R6, R7). `before`: what the node was told last; a target that is new to it
 * begins anew.
 */
export function countFlushes(
  targets: readonly PlacedTarget[],
  before: readonly NodeTarget[] = [],
): NodeTarget[] {
  const known = new Map(before.map((target) => [placeOf(target), target]));
  return targets.map((target): NodeTarget => {
    const { address, port, weight, flush } = target;
    const last = known.get(placeOf(target));
    const flushes = (last?.flushes ?? 0) + (flush && !last?.flush ? 1 : 0);
    return { address, port, weight, flushes, ...(flush && { flush }) };
  });
}

function placeOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${addressKey(address)} ${port}`;
}
