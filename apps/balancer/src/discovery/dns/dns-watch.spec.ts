import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BackendSourceSpec, DnsSourceSpec } from '@signalbox/contracts';
import type { DnsFindings, Finding } from '../../domain/discovery/dns-endpoints.js';
import type { Observation } from '../../domain/discovery/endpoint.js';
import { DnsWatch } from './dns-watch.js';

const found = (ttlMs: number, ...values: string[]): Finding => ({ type: 'found', values, ttlMs });
const away = (reason: string): Finding => ({ type: 'unknown', reason });
const named = (finding: Finding): DnsFindings => ({ named: finding, hosts: new Map() });
/** An SRV record of port 80 with equal weight for each host. */
function srv(ttlMs: number, hosts: Record<string, Finding>): DnsFindings {
  const values = Object.keys(hosts).map((host) => `0 0 80 ${host}`);
  return { named: found(ttlMs, ...values), hosts: new Map(Object.entries(hosts)) };
}

/** A watch, what its looks find, and what it said. */
class Given {
  readonly told: Observation[] = [];
  readonly log: string[] = [];
  looks = 0;
  readonly watch: DnsWatch;
  private finds: DnsFindings | Error;

  constructor(
    first: DnsFindings | Error,
    dns: Partial<DnsSourceSpec> = {},
    more: Pick<BackendSourceSpec, 'onUnavailable' | 'unavailableAfter'> = {},
  ) {
    this.finds = first;
    const named = { name: 'web.example', type: 'A' as const, port: 80 };
    const spec = { pool: 'web', dns: { ...named, ...dns }, ...more };
    this.watch = new DnsWatch(
      { name: 'edge', project: 'default', spec },
      { report: (observation) => this.told.push(observation), warn: (line) => this.log.push(line) },
      async () => {
        this.looks += 1;
        if (this.finds instanceof Error) throw this.finds;
        return this.finds;
      },
    );
  }

  find(finds: DnsFindings | Error): this {
    this.finds = finds;
    return this;
  }

  /** Passes time; says how many looks there were in it. */
  async pass(ms: number): Promise<number> {
    const before = this.looks;
    await jest.advanceTimersByTimeAsync(ms);
    return this.looks - before;
  }

  /** What was said last: addresses, or why it is not known. */
  get last(): readonly string[] | string | undefined {
    const observation = this.told.at(-1);
    if (observation?.type !== 'content') return observation?.reason;
    return observation.content.endpoints.map(({ address }) => address);
  }
}

describe('a watch of a name', () => {
  let given: Given;
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(async () => {
    await given.watch.stop();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('looks at once, and again when the TTL ends', async () => {
    given = new Given(named(found(20_000, '192.0.2.1')));
    await given.pass(0);
    expect(given.last).toEqual(['192.0.2.1']);
    given.find(named(found(20_000, '192.0.2.2')));
    expect(await given.pass(19_999)).toBe(0);
    expect(await given.pass(1)).toBe(1);
    expect(given.last).toEqual(['192.0.2.2']);
  });

  it.each<[string, number, Partial<DnsSourceSpec>, number]>([
    ['5 s at least', 0, {}, 5_000],
    ['a minute at most', 3_600_000, {}, 60_000],
    ['its own least time', 0, { minInterval: '1s' }, 1_000],
    ['its own longest time', 3_600_000, { maxInterval: '2m' }, 120_000],
  ])('looks again after %s', async (_what, ttlMs, dns, dueMs) => {
    given = new Given(named(found(ttlMs, '192.0.2.1')), dns);
    await given.pass(0);
    expect(await given.pass(dueMs - 1)).toBe(0);
    expect(await given.pass(1)).toBe(1);
  });

  it('looks again soon when nobody answers, then less often, and as before when somebody does', async () => {
    given = new Given(named(away('SERVFAIL')));
    await given.pass(0);
    expect(given.last).toBe('SERVFAIL');
    for (const dueMs of [5_000, 10_000, 20_000, 40_000, 60_000]) {
      expect(await given.pass(dueMs - 1)).toBe(0);
      expect(await given.pass(1)).toBe(1);
    }
    given.find(named(found(30_000, '192.0.2.1')));
    expect(await given.pass(60_000)).toBe(1);
    given.find(named(away('SERVFAIL')));
    expect(await given.pass(30_000)).toBe(1);
    expect(await given.pass(5_000)).toBe(1);
  });

  it('takes a defect for a source that is away, and says so in the log', async () => {
    given = new Given(new Error('no such method'));
    await given.pass(0);
    expect(given.last).toBe('the look failed, see the log');
    expect(given.log).toEqual(['BackendSource/edge: the look failed: Error: no such method']);
    given.find(named(found(60_000, '192.0.2.1')));
    await given.pass(5_000);
    expect(given.last).toEqual(['192.0.2.1']);
  });

  it('keeps the addresses of a host that cannot be asked, and says so once', async () => {
    const [a, b] = [found(60_000, '192.0.2.1'), found(60_000, '192.0.2.2')];
    given = new Given(srv(60_000, { a, b }), { type: 'SRV' });
    await given.pass(0);
    given.find(srv(60_000, { a, b: away('SERVFAIL') }));
    expect(await given.pass(60_000)).toBe(1);
    expect(await given.pass(5_000)).toBe(1);
    expect(given.last).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(given.log).toEqual(['BackendSource/edge: the last known addresses stay of b: SERVFAIL']);
    given.find(srv(60_000, { a, b }));
    await given.pass(10_000);
    given.find(srv(60_000, { a, b: away('SERVFAIL') }));
    await given.pass(60_000);
    expect(given.log).toHaveLength(2);
  });

  it('waits half a minute at its start for a host that cannot be asked', async () => {
    const a = found(60_000, '192.0.2.1');
    given = new Given(srv(60_000, { a, b: away('SERVFAIL') }), { type: 'SRV' });
    await given.pass(29_999);
    expect(given.last).toBe('b: SERVFAIL, and what it had before is not known');
    await given.pass(1);
    expect(given.last).toEqual(['192.0.2.1']);
    // said once, it is said at once when another host comes that cannot be asked
    given.find(srv(60_000, { a, c: away('SERVFAIL') }));
    await given.pass(60_000);
    expect(given.told.slice(-2).every(({ type }) => type === 'content')).toBe(true);
  });
});

it.each<[Pick<BackendSourceSpec, 'onUnavailable' | 'unavailableAfter'>, number]>([
  [{ onUnavailable: 'drain', unavailableAfter: '20s' }, 10_000],
  [{ onUnavailable: 'drain', unavailableAfter: '1s' }, 500],
  [{ onUnavailable: 'drain' }, 30_000],
  [{ onUnavailable: 'hold', unavailableAfter: '0s' }, 30_000],
])('a source with %j waits %i ms at most', async (more, mostMs) => {
  jest.useFakeTimers();
  const hosts = { a: found(60_000, '192.0.2.1'), b: away('SERVFAIL') };
  const given = new Given(srv(60_000, hosts), { type: 'SRV' }, more);
  await given.pass(mostMs - 1);
  expect(given.told.some(({ type }) => type === 'content')).toBe(false);
  await given.pass(1);
  expect(given.last).toEqual(['192.0.2.1']);
  await given.watch.stop();
  jest.useRealTimers();
});

it('says nothing after its end, and waits for a look that is in work', async () => {
  const told: Observation[] = [];
  let isOpen = false;
  const spec = { pool: 'web', dns: { name: 'web.example', type: 'A' as const, port: 80 } };
  const watch = new DnsWatch(
    { name: 'edge', project: 'default', spec },
    { report: (observation) => told.push(observation), warn: () => undefined },
    (_dns, signal) =>
      new Promise((_resolve, reject) => {
        isOpen = true;
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            isOpen = false;
            reject(signal.reason as Error);
          }),
        );
      }),
  );
  expect(isOpen).toBe(true);
  await watch.stop();
  expect([isOpen, told]).toEqual([false, []]);
});
