import { addressKey, type NodeTarget, sha256Hex } from '@signalbox/contracts';
import { murmur3 } from './murmur3.js';
import { placeName } from './place-name.js';

/**
 * What makes the tables of all nodes byte-identical. docs/reference/maglev-table.md states it for others. Who changes
 * anything here, or how a table is filled, gives it a new name: nodes that differ send one client to two targets.
 */
export const MAGLEV_CONTRACT = 'signalbox-maglev-1';

/**
 * Seeds of murmur3. `offset`: of a target's name, for the slot that it prefers most; `skip`: of the same name, for the
 * step to the next; `client`: of a client's name, for its slot. Any three would do; how much moves when targets come and
 * go depends on names and seeds, and these keep it low for common addresses.
 */
export const MAGLEV_SEEDS = { offset: 151, skip: 152, client: 153 } as const;

/** A target as a table knows it. */
export interface MaglevTarget {
  readonly name: string;
  /** 1-100. */
  readonly weight: number;
  /** Index in the listener's targets. */
  readonly index: number;
}

/** The targets of a table, which are those with a weight: by address, IPv4 first, numeric, and then by port. */
export function maglevTargets(targets: readonly NodeTarget[]): readonly MaglevTarget[] {
  return targets
    .map(({ address, port, weight }, index) => ({
      target: { name: placeName(address, port), weight, index },
      key: addressKey(address),
      port,
    }))
    .filter(({ target }) => target.weight > 0)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.port - b.port))
    .map(({ target }) => target);
}

/** Where a target begins in a table of so many slots. 0 to `size` - 1. */
export function offsetOf(name: string, size: number): number {
  return murmur3(name, MAGLEV_SEEDS.offset) % size;
}

/** How far a target goes from one slot to the next. 1 to `size` - 1, so that it comes past all of them: `size` is a prime. */
export function skipOf(name: string, size: number): number {
  return (murmur3(name, MAGLEV_SEEDS.skip) % (size - 1)) + 1;
}

/** The slot of a client, by its name. */
export function slotOf(client: string, size: number): number {
  return murmur3(client, MAGLEV_SEEDS.client) % size;
}

/**
 * Digest of a table: nodes whose digests are equal send each client to the same place. sha256 hex of the contract, the
 * number of slots and the names in order, a line each, and the slots as big-endian 32-bit numbers.
 */
export function digestOfTable(targets: readonly MaglevTarget[], table: Int32Array): string {
  const lines = [MAGLEV_CONTRACT, String(table.length), ...targets.map(({ name }) => name), ''].join('\n');
  const head = new TextEncoder().encode(lines);
  const bytes = new Uint8Array(head.length + 4 * table.length);
  bytes.set(head);
  const slots = new DataView(bytes.buffer, head.length);
  table.forEach((target, slot) => slots.setInt32(4 * slot, target));
  return sha256Hex(bytes);
}
