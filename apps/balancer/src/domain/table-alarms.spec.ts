import { expect, it } from '@jest/globals';
import { tableAlarms } from './table-alarms.js';
import type { TableReport } from './table-reports.js';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:00:01.000Z';
const report = (
  node: string,
  tableDigest: string | undefined,
  more: Partial<TableReport> = {},
): TableReport => ({
  ...{ node, digest: `wanted by ${node}`, at: AT },
  ...(tableDigest !== undefined && { tableDigest }),
  ...more,
});
const alarmsOf = (...nodes: TableReport[]) =>
  tableAlarms(new Map([['lab/web', nodes]]), (node) => `wanted by ${node}`);

it('nodes that are up to date and differ are an alarm, since the last of them said so', () => {
  expect(alarmsOf(report('n2', 't2', { at: LATER }), report('n1', 't1'))).toEqual([
    {
      kind: 'table-mismatch',
      name: 'lab/web',
      project: 'lab',
      since: LATER,
      text: 'n1, n2 choose targets of listener lab/web differently: clients change their target when they change the node',
    },
  ]);
});

it.each([
  ['the same table', [report('n1', 't1'), report('n2', 't1')]],
  ['one node', [report('n1', 't1')]],
  ['one that is behind', [report('n1', 't1'), report('n2', 't2', { digest: 'older' })]],
  ['one without a table', [report('n1', 't1'), report('n2', undefined)]],
])('%s is none', (_case, reports) => {
  expect(alarmsOf(...reports)).toEqual([]);
});
