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
  const { address, protocol, port, algorithm, listensAt } = one;
  const targets = one.targets.map((target) => `${target.address} ${target.port} ${target.weight}`).sort();
  return [address, protocol, port, algorithm, listensAt.address, listensAt.port, ...targets].join('\n');
}
