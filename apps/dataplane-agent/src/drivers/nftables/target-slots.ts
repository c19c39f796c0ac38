import type { NodeTarget } from '@signalbox/contracts';
import { maglevTargets } from '../../domain/maglev-contract.js';
import { maglevTable } from '../../domain/maglev-table.js';
import { sourceHashTableSize, tableSizeFor } from '../../domain/table-size.js';
import { WeightedTurns } from '../../domain/weighted-turns.js';
import { type NftListener, type NftTarget, servedTargets, weightedTargets } from './nft-listener.js';

/**
 * Seed of the hash of the kernel, the same on every node: without one each rule set has another by chance, and nodes
 * send one client to different targets. Reference load-balancing section 3.
 */
export const HASH_SEED = 0x51b0;

/** How a new flow is given a number, and whose each number is. */
export interface TargetSlots {
  /** Expression of a rule; 0 to the number of slots - 1. */
  readonly number: string;
  /** Target of each number. */
  readonly targets: readonly NftTarget[];
}

/** How many slots a listener has, without making them. */
export function slotCount(listener: NftListener): number {
  const { algorithm, tableSize, targets } = listener;
  if (algorithm === 'maglev') return tableSize ?? tableSizeFor(targets.length);
  if (algorithm === 'source-hash') return sourceHashTableSize(targets.length);
  return turnCounts(weightedTargets(listener)).reduce((sum, count) => sum + count, 0);
}

/** Undefined when no target has a weight. Throws a RangeError for a table size that is no prime. */
export function targetSlots(listener: NftListener): TargetSlots | undefined {
  const weighted = weightedTargets(listener);
  if (weighted.length === 0) return undefined;
  const { algorithm, protocol, listensAt, tableSize } = listener;
  const source = listensAt.address.includes(':') ? 'ip6 saddr' : 'ip saddr';
  switch (algorithm) {
    case 'round-robin': {
      const targets = turnsOf(weighted);
      return { number: `numgen inc mod ${targets.length}`, targets };
    }
    case 'random': {
      const targets = turnsOf(weighted);
      return { number: `numgen random mod ${targets.length}`, targets };
    }
    case 'source-hash':
      return hashed(source, sourceHashTableSize(listener.targets.length), listener);
    case 'maglev': {
      const size = tableSize ?? tableSizeFor(listener.targets.length);
      return hashed(`${source} . ${protocol} sport`, size, listener);
    }
    case 'least-connections':
      throw new Error(`listener ${listener.name}: nftables has no least-connections`);
  }
}

function hashed(key: string, size: number, listener: NftListener): TargetSlots {
  const { targets } = listener;
  const all: NodeTarget[] = servedTargets(listener).map((target) => ({ ...target, flushes: 0 }));
  const weighted = maglevTargets(all);
  const slots = Array.from(maglevTable(weighted, size), (slot) => targets[weighted[slot]!.index]!);
  return { number: `jhash ${key} mod ${size} seed 0x${HASH_SEED.toString(16)}`, targets: slots };
}

/** One round in which each has as many turns as its weight says, divided by what all weights have in common. */
function turnsOf(weighted: readonly NftTarget[]): NftTarget[] {
  const weights = turnCounts(weighted);
  const turns = new WeightedTurns(weights);
  const length = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length }, () => weighted[turns.next(() => true)!]!);
}

/** Turns of each in one round. */
function turnCounts(weighted: readonly NftTarget[]): number[] {
  const common = weighted.map(({ weight }) => weight).reduce(commonDivisor, 0);
  return weighted.map(({ weight }) => weight / common);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
