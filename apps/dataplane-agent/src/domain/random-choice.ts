import { type NodeTarget } from '@signalbox/contracts';
import { type Choice } from './choice.js';

/** Any target, as likely as its weight. `random`: 0 up to but not 1. */
export function randomChoice(targets: readonly NodeTarget[], random: () => number): Choice {
  return {
    choose: (_client, _connections, except) => {
      const weightOf = (index: number): number => (except?.has(index) ? 0 : (targets[index]?.weight ?? 0));
      const sum = targets.reduce((total, _target, index) => total + weightOf(index), 0);
      let left = random() * sum;
      const chosen = targets.findIndex((_target, index) => (left -= weightOf(index)) < 0);
      return chosen === -1 ? undefined : chosen;
    },
  };
}
