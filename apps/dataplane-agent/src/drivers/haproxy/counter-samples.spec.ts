import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodePool } from '@signalbox/contracts';
import { CounterLedger } from './counter-ledger.js';
import { counterKeys, listenerCounters, statSample } from './counter-samples.js';
import { type PlacedListener, placeListener } from './placed-listener.js';

const COLUMNS = [
  'pxname',
  'svname',
  'scur',
  'stot',
  'econ',
  'eresp',
  'req_tot',
  'hrsp_2xx',
  'rtime',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | number>>;

/** What HAProxy answers to `show stat`. */
function stat(...rows: readonly Row[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => row[name] ?? '').join(','));
  return [`# ${COLUMNS.join(',')},`, ...lines.map((line) => `${line},`), ''].join('\n');
}

const of = (pxname: string, econ: number, eresp: number): Row => ({
  ...{ pxname, svname: 'BACKEND', econ, eresp, req_tot: 1, rtime: 7 },
});

function web(...pools: readonly string[]): PlacedListener {
  const policyPools = pools.map((name): NodePool => ({ name, algorithm: 'round-robin', targets: [] }));
  const listener = {
    ...({ name: 'lab/web', address: '192.0.2.10', protocol: 'http', port: 80 } as const),
    ...({ algorithm: 'round-robin', timeouts: DEFAULT_TIMEOUTS, targets: [] } as const),
    ...(policyPools.length > 0 && { policyPools }),
  };
  return placeListener(listener, { address: '127.0.0.1', port: 8080 });
}

describe('counters of a listener with policy pools', () => {
  const ledger = new CounterLedger();
  const counted = (pid: number, listener: PlacedListener, answer: string) => {
    const sample = statSample(answer);
    ledger.take(new Map([[pid, sample.counts]]));
    const kept = counterKeys([listener]);
    ledger.keepOnly((key) => kept.has(key));
    return listenerCounters([listener], ledger, [sample], sample)[0];
  };

  it('are those of all its sections, and stay when a pool leaves with a reload', () => {
    const others = [of('web', 100, 100), of('lab:2fwebs', 100, 100)];
    const first = stat(of('lab:2fweb', 1, 10), of('lab:2fweb:00api', 2, 20), of('lab:2fweb:00img', 4, 40));
    expect(
      counted(1, web('api', 'img'), first + others.map((row) => stat(row).split('\n')[1]).join('\n')),
    ).toMatchObject({
      refusedTotal: 7,
      requests: { failedTotal: 70 },
      times: { responseMs: 7 },
      policyPools: [{ pool: 'api', times: { responseMs: 7 } }, { pool: 'img' }],
    });
    expect(counted(2, web('img'), stat(of('lab:2fweb', 0, 0), of('lab:2fweb:00img', 1, 1)))).toMatchObject({
      refusedTotal: 8,
      requests: { failedTotal: 71 },
    });
    expect(counted(3, web(), stat(of('lab:2fweb', 0, 2)))).toMatchObject({
      refusedTotal: 8,
      requests: { failedTotal: 73 },
    });
  });
});
