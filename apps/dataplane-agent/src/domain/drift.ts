import type { NodeState } from '@signalbox/contracts';
import type { AppliedListener, ObservedListener } from '../drivers/driver.js';

/**
 * The listeners that stand otherwise than they were applied, and those that nobody asked for, by name. What is refused counts
 * as it is: it is not expected to stand.
 */
export function driftOf(
  state: NodeState,
  applied: readonly AppliedListener[],
  observed: readonly ObservedListener[],
): string[] {
  const standing = new Map(observed.map((one) => [one.name, one]));
  const results = new Map(applied.map((one) => [one.name, one]));
  const differing = state.listeners.filter((listener) => {
    const result = results.get(listener.name);
    if (result?.state !== 'applied') return false;
    const found = standing.get(listener.name);
    return !found || outline(found) !== outline({ ...listener, listensAt: result.listensAt });
  });
  const unknown = observed.filter(({ name }) => !results.has(name));
  return [...differing, ...unknown].map(({ name }) => name).sort();
}

/** Everything of a listener that is read back, in one text. */
function outline(one: ObservedListener): string {
  const { address, protocol, port, algorithm, listensAt, policyPools = [] } = one;
  const pools = policyPools
    .map((pool) => ['pool', pool.name, pool.algorithm, ...targetLines(pool)].join('\n'))
    .sort();
  return [
    ...[address, protocol, port, algorithm, listensAt.address, listensAt.port],
    ...targetLines(one),
    ...pools,
  ].join('\n');
}

function targetLines({ targets }: Pick<ObservedListener, 'targets'>): string[] {
  return targets.map(({ address, port, weight }) => `${address} ${port} ${weight}`).sort();
}
