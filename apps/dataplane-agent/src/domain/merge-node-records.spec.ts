import { expect, it } from '@jest/globals';
import type { NodeListenerReport, NodeRecord } from '@signalbox/contracts';
import fc from 'fast-check';
import { mergeNodeRecords } from './merge-node-records.js';
import { NO_CAPABILITIES } from './node-report.js';

const NAMES = ['a', 'b', 'c', 'd'];

function record(
  version: number,
  listeners: readonly string[],
  gone: readonly string[],
  whole: boolean,
): NodeRecord {
  return {
    ...{ node: 'local', version, at: '2026-11-29T12:00:00Z', driver: 'sim', state: 'ready' },
    capabilities: NO_CAPABILITIES,
    listeners: listeners.map((name) => ({ name, state: 'applied', generation: version, digest: '' })),
    gone: gone.filter((name) => !listeners.includes(name)),
    ...(whole && { whole: true }),
  } as NodeRecord;
}

/** What somebody knows who reads a record after others. */
function fold(
  known: ReadonlyMap<string, NodeListenerReport>,
  next: NodeRecord,
): Map<string, NodeListenerReport> {
  const after = new Map(next.whole ? [] : known);
  for (const name of next.gone) after.delete(name);
  for (const one of next.listeners) after.set(one.name, one);
  return after;
}

const records = (version: number): fc.Arbitrary<NodeRecord> =>
  fc
    .tuple(fc.subarray(NAMES), fc.subarray(NAMES), fc.boolean())
    .map(([listeners, gone, whole]) => record(version, listeners, whole ? [] : gone, whole));

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
