import { type NodeTarget } from '@signalbox/contracts';
import { type Choice } from './choice.js';
import { WeightedTurns } from './weighted-turns.js';

/**
 * The target with the fewest connections for its weight. Several of those take turns by weight, so that weights count
 * as well when connections are too short to stand beside each other.
 */
export function leastConnections(targets: readonly NodeTarget[]): Choice {
  const turns = new WeightedTurns(targets.map((target) => target.weight));
  return {
    choose: (_client, connections, except) => {
      const loads = targets.map(({ weight }, index) =>
        weight === 0 || except?.has(index) ? Infinity : connections(index) / weight,
      );
      const least = loads.reduce((low, load) => Math.min(low, load), Infinity);
      return least === Infinity ? undefined : turns.next((index) => loads[index] === least);
    },
  };
}
