import { type NodeTarget } from '@signalbox/contracts';
import { type Choice } from './choice.js';
import { WeightedTurns } from './weighted-turns.js';

/** The targets in turn, as often as their weights say; 50/20/30 gives exactly 5, 2 and 3 of every ten connections. */
export function roundRobin(targets: readonly NodeTarget[]): Choice {
  const turns = new WeightedTurns(targets.map((target) => target.weight));
  return { choose: (_client, _connections, except) => turns.next((index) => !except?.has(index)) };
}
