import { expect, it } from '@jest/globals';
import type { NodeListenerReport, NodeRecord } from '@signalbox/contracts';
import { TableReports } from './table-reports.js';

const AT = '2026-01-01T00:00:00.000Z';
const of = (name: string, tableDigest?: string): NodeListenerReport => ({
  ...{ name, state: 'applied', generation: 1, digest: 'd' },
  ...(tableDigest !== undefined && { tableDigest }),
});
const record = (node: string, more: Partial<NodeRecord>): NodeRecord => ({
  ...{ node, version: 1, at: AT, driver: 'sim', state: 'ready', listeners: [], gone: [], ...more },
  capabilities: {
    ...{ protocols: ['tcp'], algorithms: ['maglev'], affinity: [], maxTargets: 1 },
    ...{ flush: true, targetPorts: true, mixedFamilies: true, connectionLimit: true },
  },
});

/** `listener: node table, …` of everything that is known. */
function told(...records: readonly NodeRecord[]): string[] {
  const reports = new TableReports();
  for (const one of records) reports.take(one);
  const lines = [...reports].map(
    ([listener, nodes]) =>
      `${listener}: ${nodes.map(({ node, tableDigest }) => `${node} ${tableDigest}`).join(', ')}`,
  );
  expect(reports.size).toBe(lines.length);
  return lines;
}

it('is what each node said last of each listener', () => {
  const first = record('n1', { listeners: [of('web', 't1'), of('api')] });
  const second = record('n2', { listeners: [of('web', 't2')] });
  expect(told(first, second, record('n1', { listeners: [of('web', 't3')] }))).toEqual([
    'web: n1 t3, n2 t2',
    'api: n1 undefined',
  ]);
});

it('forgets what is gone at a node, and all of it when a record is whole', () => {
  const both = ['n1', 'n2'].map((node) => record(node, { listeners: [of('web', 't'), of('api', 't')] }));
  expect(told(...both, record('n1', { gone: ['web', 'never'] }))).toEqual(['web: n2 t', 'api: n1 t, n2 t']);
  expect(told(...both, record('n1', { whole: true, listeners: [of('api', 'u')] }))).toEqual([
    'web: n2 t',
    'api: n2 t, n1 u',
  ]);
  expect(told(both[0]!, record('n1', { whole: true }))).toEqual([]);
});
