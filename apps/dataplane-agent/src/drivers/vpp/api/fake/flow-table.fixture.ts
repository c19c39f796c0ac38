import { xxhash } from './xxhash.fixture.js';

/** A server as the table sees it. */
export interface TableServer {
  /** What the slots hold. */
  readonly index: number;
  /** Its 16 bytes; an IPv4 address in the last four, zeros in front. */
  readonly bytes: Uint8Array;
  /** 0 to 100. */
  readonly weight: number;
}

/** Hashes that were computed: a test with 20,000 servers asks for each a few hundred times. */
const SEEDS = new Map<bigint, bigint>();

/** What a slot holds when no server has a weight: index 0 of VPP's servers, which drops. */
export const NO_SERVER = 0;

/**
 * The table of new flows as the lb plugin fills it (`lb_vip_update_new_flow_table`; reference maglev 6.10): servers in the order of the bytes
 * of their addresses, each with a start and an odd step of its hash, take turns at the next free slot of theirs.
 *
 * With equal weights this is the plugin bit for bit. How the plugin of 2026 shares slots by weight could not be read: here each gets its part of
 * the size, what is left over goes to the first in the order, and a server that has its part takes no more turns; with equal weights that
 * comes out as the plain rule.
 */
export function fillFlowTable(servers: readonly TableServer[], size: number): Uint32Array {
  const table = new Uint32Array(size).fill(NO_SERVER);
  const live = servers.filter(({ weight }) => weight > 0).sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  if (live.length === 0) return table;
  const mask = size - 1;
  const turns = live.map((server, at) => ({
    server,
    left: partsOf(live, size)[at] ?? 0,
    ...walkOf(server.bytes, mask),
  }));
  let free = size;
  while (free > 0)
    for (const turn of turns) {
      if (turn.left === 0 || free === 0) continue;
      while (table[turn.next] !== NO_SERVER) turn.next = (turn.next + turn.step) & mask;
      table[turn.next] = turn.server.index;
      turn.left -= 1;
      free -= 1;
    }
  return table;
}

/** How many slots of a table each server has. */
export function bucketsOf({ table }: { readonly table: Uint32Array }): ReadonlyMap<number, number> {
  const buckets = new Map<number, number>();
  for (const index of table) buckets.set(index, (buckets.get(index) ?? 0) + 1);
  return buckets;
}

/** How many slots each gets. */
function partsOf(servers: readonly TableServer[], size: number): number[] {
  const sum = servers.reduce((total, { weight }) => total + weight, 0);
  const parts = servers.map(({ weight }) => Math.floor((size * weight) / sum));
  let left = size - parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => (left > 0 ? ((left -= 1), part + 1) : part));
}

/** Where a server begins and how far it steps, of a hash of its address: two words, read as an x86 reads them. */
function walkOf(bytes: Uint8Array, mask: number): { next: number; readonly step: number } {
  const words = Buffer.from(bytes);
  const key = words.readBigUInt64LE(0) ^ words.readBigUInt64LE(8);
  const seed = SEEDS.get(key) ?? xxhash(key);
  SEEDS.set(key, seed);
  return { step: Number((seed & 0xffff_ffffn) | 1n) & mask, next: Number(seed >> 32n) & mask };
}
