import { expect, it } from '@jest/globals';
import type { NodeRecord, NodeVipReport } from '@signalbox/contracts';
import { NOON, SECOND } from '../given.fixture.js';
import { UNANNOUNCED_MS, unannouncedAlarms } from './unannounced-alarms.js';
import { VipReports } from './vip-reports.js';

const at = (ms: number): string => new Date(ms).toISOString();
const report = (state: NodeVipReport['state'], change: Partial<NodeVipReport> = {}): NodeVipReport => ({
  ...{ address: '192.0.2.1', announcement: 'edge', method: 'bird', state, since: at(NOON) },
  ...change,
});
const record = (node: string, change: Partial<NodeRecord>): NodeRecord => ({
  ...{ node, version: 1, at: at(NOON), driver: 'sim', state: 'ready', listeners: [], gone: [], ...change },
  capabilities: {
    ...{ protocols: ['tcp'], algorithms: ['maglev'], affinity: [], maxTargets: 1 },
    ...{ flush: true, targetPorts: true, mixedFamilies: true, connectionLimit: true },
  },
});

/** Alarms after these records, so long after noon. */
function alarmsAfter(ms: number, ...records: readonly NodeRecord[]) {
  const reports = new VipReports();
  for (const one of records) reports.take(one);
  const wanted = [{ address: '192.0.2.1', announcement: 'edge', sinceMs: NOON }];
  return unannouncedAlarms(wanted, (address) => reports.of(address), NOON + ms);
}

const LATE = UNANNOUNCED_MS + SECOND;
const withdrawn = report('withdrawn', { since: at(NOON + SECOND), why: 'the node is drained' });

it('a VIP that nobody announces is an alarm, with what each node says', () => {
  const two = [record('b', { vips: [report('standby')] }), record('a', { vips: [withdrawn] })];
  expect(alarmsAfter(LATE, ...two)).toEqual([]);
  expect(alarmsAfter(LATE + 1, ...two)).toEqual([
    {
      kind: 'vip-not-announced',
      name: '192.0.2.1',
      since: at(NOON + SECOND),
      text: 'no node announces 192.0.2.1 of Announcement/edge: a: the node is drained; b: standby',
    },
  ]);
});

it('of which no node says anything is one since it is wanted', () => {
  expect(alarmsAfter(UNANNOUNCED_MS)).toEqual([]);
  expect(alarmsAfter(LATE)).toMatchObject([
    { since: at(NOON), text: expect.stringContaining('no node has said anything of it') },
  ]);
});

it.each<[what: string, records: readonly NodeRecord[], count: number]>([
  ['one announces it', [record('a', { vips: [withdrawn] }), record('b', { vips: [report('announced')] })], 0],
  [
    'the one that did lets go of it',
    [record('b', { vips: [report('announced')] }), record('b', { goneVips: ['192.0.2.1'] })],
    1,
  ],
  [
    'the one that did began anew',
    [record('b', { vips: [report('announced')] }), record('b', { whole: true })],
    1,
  ],
  [
    'another one begins anew',
    [record('b', { vips: [report('announced')] }), record('a', { whole: true, vips: [withdrawn] })],
    0,
  ],
])('when %s', (_what, records, count) => expect(alarmsAfter(LATE * 2, ...records)).toHaveLength(count));
