import { beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '@signalbox/runtime';
import type { BackendLedger } from './backend-ledger.js';
import type { BackendWorker } from './backend-worker.js';
import { readCheck } from './domain/check.js';
import { ProbeMetrics } from './probe-metrics.js';
import type { ProbeResult } from './probes/probe.js';
import { Shortages } from './shortages.js';
import { Verdicts } from './verdicts.js';

const NOON = Date.parse('2026-05-30T12:00:00Z');

const PASS: ProbeResult = { ok: true, layer: 'L4', code: 'L4OK', detail: '', durationMs: 0 };
const short = (shortage: string, detail: string): ProbeResult => ({
  ...{ ok: false, layer: 'L4', code: 'L4CON', detail, durationMs: 0 },
  shortage,
});

/** A backend in the middle of its counter, under a check. */
function aWorker(): BackendWorker {
  const spec = { type: 'tcp', port: 80, interval: '1s', timeout: '1s', rise: 2, fall: 3 } as const;
  return {
    ...{
      name: 'web',
      endpoint: { address: '10.0.0.2' },
      configEnabled: true,
      dependsOn: [],
      version: 3,
      epoch: 1,
    },
    machine: { state: 'up', counter: 3, verified: true },
    check: readCheck('tcp', spec),
    since: '2026-05-30T11:00:00.000Z',
    result: { ok: true, layer: 'L4', code: 'L4OK', detail: 'connected' },
    degraded: 'the certificate ends in 5 days',
    last: { ok: true, layer: 'L4', code: 'L4OK', detail: '', durationMs: 1, at: '2026-05-30T11:59:59.000Z' },
  };
}

it('X31 a probe without a verdict changes nothing that is known of a backend, and a verdict does', () => {
  const written: unknown[] = [];
  const note = (...what: unknown[]): Promise<number> => Promise.resolve(written.push(what));
  const metrics = new ProbeMetrics(new Metrics());
  const clock = { now: () => NOON };
  const shortages = new Shortages(metrics, clock);
  const keeper = { record: note, noteCounter: note } as unknown;
  const verdicts = new Verdicts(keeper as BackendLedger, metrics, shortages, clock);
  const worker = aWorker();
  for (let n = 0; n < 10; n += 1)
    verdicts.take(worker, worker.check!, short('EMFILE', 'too many open files'));
  expect(worker).toEqual(aWorker());
  expect(written).toEqual([]);
  verdicts.take(worker, worker.check!, { ...PASS, ok: false, code: 'L4CON' });
  expect(worker.machine).toEqual({ state: 'up', counter: 2, verified: true });
});

it('X31 a backend that is not known yet stays so without a verdict', () => {
  const metrics = new ProbeMetrics(new Metrics());
  const clock = { now: () => NOON };
  const keeper = { noteCounter: () => undefined } as unknown;
  const verdicts = new Verdicts(keeper as BackendLedger, metrics, new Shortages(metrics, clock), clock);
  const worker = { ...aWorker(), machine: { state: 'unknown', counter: 1, verified: true } as const };
  verdicts.take(worker, worker.check!, short('EMFILE', ''));
  expect(worker.machine.state).toBe('unknown');
});

describe('X31 probes without a verdict', () => {
  let metrics: Metrics;
  let shortages: Shortages;
  let nowMs: number;

  beforeEach(() => {
    nowMs = NOON;
    metrics = new Metrics();
    shortages = new Shortages(new ProbeMetrics(metrics), { now: () => nowMs });
  });

  it('raise one alarm that names the causes, until each backend has a verdict or is probed no more', () => {
    expect(shortages.note('a', short('EMFILE', 'too many open files'))).toBe(true);
    nowMs += 5000;
    expect(shortages.note('b', short('EADDRNOTAVAIL', 'address not available'))).toBe(true);
    expect(shortages.alarms).toEqual([
      {
        kind: 'prober-short',
        name: 'health',
        since: '2026-05-30T12:00:00.000Z',
        text:
          'the prober is short of something itself (EADDRNOTAVAIL, EMFILE): too many open files; ' +
          '2 backends keep their states without a verdict',
      },
    ]);
    expect(shortages.note('a', PASS)).toBe(false);
    expect(shortages.alarms).toMatchObject([{ text: expect.stringContaining('1 backend keeps its state') }]);
    shortages.forget('b');
    expect(shortages.alarms).toEqual([]);
  });

  it('are counted by cause', async () => {
    for (const backend of ['a', 'b', 'a']) shortages.note(backend, short('EMFILE', ''));
    shortages.note('a', short('prober-lost', ''));
    const lines = (await metrics.registry.metrics()).split('\n');
    expect(lines).toContain('signalbox_probe_no_verdict_total{cause="EMFILE"} 3');
    expect(lines).toContain('signalbox_probe_no_verdict_total{cause="prober-lost"} 1');
  });
});
