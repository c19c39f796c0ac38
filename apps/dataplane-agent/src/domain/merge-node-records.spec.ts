import { expect, it } from '@jest/globals';
import type { NodeRecord } from '@signalbox/contracts';
import fc from 'fast-check';
import { mergeNodeRecords } from './merge-node-records.js';
import { NO_CAPABILITIES } from './node-report.js';

const NAMES = ['a', 'b', 'c', 'd'];

function record(
  version: number,
  listeners: readonly string[],
  gone: readonly string[],
  vips: readonly string[],
  goneVips: readonly string[],
  whole: boolean,
): NodeRecord {
  return {
    ...{ node: 'local', version, at: '2026-11-29T12:00:00Z', driver: 'sim', state: 'ready' },
    capabilities: NO_CAPABILITIES,
    listeners: listeners.map((name) => ({ name, state: 'applied', generation: version, digest: '' })),
    gone: gone.filter((name) => !listeners.includes(name)),
    vips: vips.map((address) => ({
      ...{ address, announcement: 'edge', method: 'bird', state: 'announced', since: `${version}` },
    })),
    goneVips: goneVips.filter((address) => !vips.includes(address)),
    ...(vips.includes('a') && { peers: [{ name: 'tor', state: 'up', since: `${version}` }] }),
    ...(whole && { whole: true }),
  } as NodeRecord;
}

/** What somebody knows who reads a record after others: all of the node, by names. */
function fold(known: ReadonlyMap<string, unknown>, next: NodeRecord): Map<string, unknown> {
  const after = new Map(next.whole ? [] : known);
  for (const name of next.gone) after.delete(name);
  for (const address of next.goneVips ?? []) after.delete(`vip ${address}`);
  for (const one of next.listeners) after.set(one.name, one);
  for (const one of next.vips ?? []) after.set(`vip ${one.address}`, one);
  if (next.peers) after.set('peers', next.peers);
  return after;
}

const some = fc.subarray(NAMES);
const records = (version: number): fc.Arbitrary<NodeRecord> =>
  fc
    .tuple(some, some, some, some, fc.boolean())
    .map(([listeners, gone, vips, goneVips, whole]) =>
      record(version, listeners, whole ? [] : gone, vips, whole ? [] : goneVips, whole),
    );

it('a merged record says what the two say', () => {
  fc.assert(
    fc.property(records(1), records(2), records(3), (before, older, newer) => {
      const known = fold(new Map(), before);
      const merged = mergeNodeRecords(older, newer);
      expect(merged.version).toBe(3);
      expect([...fold(known, merged)].sort()).toEqual([...fold(fold(known, older), newer)].sort());
    }),
  );
});
