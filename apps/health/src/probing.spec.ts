import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import { descriptorLimit, descriptorsForProbes } from './descriptors.js';
import { ProbeMetrics } from './probe-metrics.js';
import type { ProbeResult, ProbeTarget } from './probes/probe.js';
import { type ProbeOrder, Probing } from './probing.js';
import { monotonicMs, Timetable } from './timetable.js';

const PROBES_IN_FLIGHT = descriptorsForProbes(descriptorLimit());

const OK: ProbeResult = { ok: true, layer: 'L4', code: 'L4OK', detail: '', durationMs: 0 };

function target(address: string): ProbeTarget {
  return { type: 'tcp', address, port: 1, timeoutMs: 1000, params: {} };
}

/** Probes that end when the test says so. */
class HeldProber {
  readonly open: { address: string; signal: AbortSignal; end: () => void }[] = [];
  most = 0;

  probe({ address }: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    return new Promise((resolve) => {
      const one = {
        address,
        signal,
        end: () => {
          this.open.splice(this.open.indexOf(one), 1);
          resolve(OK);
        },
      };
      this.open.push(one);
      this.most = Math.max(this.most, this.open.length);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('probing', () => {
  let prober: HeldProber;
  let probing: Probing;

  beforeEach(() => {
    prober = new HeldProber();
    const probers = { of: () => prober, keepOnly: () => Promise.resolve(), close: () => Promise.resolve() };
    probing = new Probing(probers as never, new ProbeMetrics(new Metrics()));
  });

  afterEach(() => probing.close());

  function order(name: string, results: string[] = [], nextInMs = 1): ProbeOrder {
    return { target: target(name), nextInMs: () => nextInMs, onResult: () => results.push(name) };
  }

  it('probes a backend again and again, one probe at a time', async () => {
    const results: string[] = [];
    probing.start('a', order('a', results), 0);
    for (let n = 1; n <= 3; n += 1) {
      await until('a probe', () => prober.open.length === 1);
      expect(prober.most).toBe(1);
      prober.open[0]?.end();
      await until('its result', () => results.length === n);
    }
  });

  it('R12 a probe that is stopped is aborted, and its late result goes nowhere', async () => {
    const results: string[] = [];
    probing.start('a', order('a', results), 0);
    const [late] = await until('a probe', () => (prober.open.length === 1 ? [...prober.open] : undefined));
    probing.stop('a');
    expect(late?.signal.aborted).toBe(true);
    probing.start('b', order('b', results), 0);
    late?.end();
    await until('the other probe', () => prober.open.length === 1);
    prober.open[0]?.end();
    await until('a result', () => results.length > 0);
    expect(results[0]).toBe('b');
    expect(results).not.toContain('a');
  });

  it('starts anew in place of what was ordered before', async () => {
    const results: string[] = [];
    probing.start('a', order('old', results), 0);
    await until('a probe', () => prober.open.length === 1);
    const [old] = prober.open;
    probing.start('a', order('new', results), 0);
    expect(old?.signal.aborted).toBe(true);
    old?.end();
    await until('the new probe', () => prober.open[0]?.address === 'new');
    prober.open[0]?.end();
    await until('its result', () => results.length === 1);
    expect(results).toEqual(['new']);
  });

  it('may be stopped by its own result', async () => {
    let results = 0;
    const stopping = { ...order('a'), onResult: () => void ((results += 1), probing.stop('a')) };
    probing.start('a', stopping, 0);
    await until('a probe', () => prober.open.length === 1);
    prober.open[0]?.end();
    await until('its result', () => results === 1);
    expect(probing.isProbing).toBe(false);
  });

  it('keeps a bound on what is on its way; what waits goes on when something ends', async () => {
    for (let n = 0; n < PROBES_IN_FLIGHT + 5; n += 1)
      probing.start(`b${n}`, order(`b${n}`, [], 3_600_000), 0);
    await until('the bound', () => prober.open.length === PROBES_IN_FLIGHT);
    for (let n = 0; n < 5; n += 1) prober.open[0]?.end();
    const started = (): number => prober.open.length;
    await until('the rest', () => started() === PROBES_IN_FLIGHT);
    expect(prober.most).toBe(PROBES_IN_FLIGHT);
    const last = prober.open.slice(-5).map(({ address }) => address);
    expect(last).toHaveLength(5);
  });

  it('passes over those that were stopped while they waited, and probes nobody twice at once', async () => {
    for (let n = 0; n < PROBES_IN_FLIGHT; n += 1) probing.start(`b${n}`, order(`b${n}`, [], 3_600_000), 0);
    await until('the bound', () => prober.open.length === PROBES_IN_FLIGHT);
    for (const name of ['gone', 'again', 'last']) probing.start(name, order(name, [], 3_600_000), 0);
    const marker: string[] = [];
    const later = new Timetable((key) => marker.push(key));
    later.set('all three wait', monotonicMs() + 20);
    await until('them to wait', () => marker.length === 1);
    probing.stop('gone');
    probing.start('again', order('again', [], 3_600_000), 0);
    later.set('again waits once more', monotonicMs() + 20);
    await until('it to wait again', () => marker.length === 2);
    later.stop();
    for (let n = 0; n < 2; n += 1) prober.open[0]?.end();
    const begun = (): string[] =>
      prober.open.map(({ address }) => address).filter((one) => !/^b\d/.test(one));
    await until('the last to begin', () => begun().includes('last'));
    expect(begun()).toEqual(['again', 'last']);
    // room for one more: what waited twice is on its way once
    prober.open[0]?.end();
    await until('the room to stay', () => prober.open.length === PROBES_IN_FLIGHT - 1);
    expect(begun()).toEqual(['again', 'last']);
  });
});
