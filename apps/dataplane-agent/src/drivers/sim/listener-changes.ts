import type { NodeListener, NodeTarget } from '@signalbox/contracts';
import { targetKey } from '../place.js';

/** What a change of a listener comes down to, but for where it listens: how many things differ of each sort. */
export interface ListenerChanges {
  /** Targets that came, left, or have another weight. */
  readonly targets: number;
  /** How a target is chosen. */
  readonly algorithm: number;
  /** All else. */
  readonly settings: number;
}

export const NO_CHANGES: ListenerChanges = { targets: 0, algorithm: 0, settings: 0 };

/** What differs between two states of one listener. The order of the targets and their flushes are no difference. */
export function listenerChanges(before: NodeListener, after: NodeListener): ListenerChanges {
  if (before === after) return NO_CHANGES;
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [
      `${before.address} ${before.protocol} ${before.port}`,
      `${after.address} ${after.protocol} ${after.port}`,
    ],
    [affinityText(before), affinityText(after)],
    [before.connectionLimit, after.connectionLimit],
    [timesText(before), timesText(after)],
  ];
  return {
    targets: changedTargets(before, after),
    algorithm: before.algorithm === after.algorithm && before.tableSize === after.tableSize ? 0 : 1,
    settings: pairs.filter(([old, now]) => old !== now).length,
  };
}

function changedTargets({ targets: before }: NodeListener, { targets: after }: NodeListener): number {
  // Almost always all are as they were, and in their order: then no text is made of them.
  if (before.length === after.length && before.every((target, index) => isSame(target, after[index])))
    return 0;
  const weights = new Map(before.map((target) => [targetKey(target), target.weight]));
  let kept = 0;
  let changed = 0;
  for (const target of after) {
    const weight = weights.get(targetKey(target));
    if (weight !== undefined) kept += 1;
    if (weight !== target.weight) changed += 1;
  }
  return changed + weights.size - kept;
}

function isSame(one: NodeTarget, other: NodeTarget | undefined): boolean {
  return one.address === other?.address && one.port === other.port && one.weight === other.weight;
}

function affinityText({ affinity }: NodeListener): string {
  if (affinity === undefined) return '';
  return `${affinity.type} ${affinity.type === 'source-ip' ? affinity.timeoutMs : affinity.cookie}`;
}

function timesText({ timeouts }: NodeListener): string {
  return `${timeouts.connectMs} ${timeouts.clientMs} ${timeouts.targetMs}`;
}
