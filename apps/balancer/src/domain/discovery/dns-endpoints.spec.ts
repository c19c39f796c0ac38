import { describe, expect, it } from '@jest/globals';
import type { DnsSourceSpec } from '@signalbox/contracts';
import fc from 'fast-check';
import {
  type AddressType,
  type DnsAim,
  type DnsFindings,
  type DnsJudgement,
  type Finding,
  hostKey,
  judgeDns,
  type KnownAddresses,
  MAX_TARGETS,
  nextLookMs,
  srvTargets,
} from './dns-endpoints.js';
import { MAX_REFUSED, type SourceEndpoint } from './endpoint.js';

const [A, SRV]: DnsSourceSpec[] = [
  { name: 'web.example', type: 'A', port: 8080 },
  { name: '_web._tcp.example', type: 'SRV' },
];
const NOTHING_KNOWN: KnownAddresses = new Map();
const found = (...values: string[]): Finding => ({ type: 'found', values, ttlMs: 60_000 });
const nothing: Finding = { type: 'nothing', ttlMs: 30_000 };
const unknown = (reason = 'SERVFAIL'): Finding => ({ type: 'unknown', reason });

const aim = (dns: DnsSourceSpec | undefined, mayWait = false): DnsAim => ({
  pool: 'web',
  dns: dns!,
  mayWait,
});
/** Addresses of hosts, each of them for A and AAAA. */
type Hosts = Record<string, readonly [a: Finding, aaaa: Finding]>;

function findings(named: Finding, hosts: Hosts = {}): DnsFindings {
  const entries = Object.entries(hosts).map(([host, [a, aaaa]]) => [host, { A: a, AAAA: aaaa }] as const);
  return { named, hosts: new Map(entries) };
}

function judgeSrv(values: string[], hosts: Hosts, known = NOTHING_KNOWN, mayWait = false): DnsJudgement {
  return judgeDns(aim(SRV, mayWait), findings(found(...values), hosts), known);
}

/** `address:port weight` of each. */
function placesOf({ observation }: DnsJudgement): string[] {
  if (observation.type !== 'content') return [observation.reason];
  return observation.content.endpoints.map(({ address, port, weight }: SourceEndpoint) =>
    [`${address}:${port}`, weight ?? []].flat().join(' '),
  );
}

function refusedOf({ observation }: DnsJudgement): readonly string[] {
  return observation.type === 'content' ? observation.content.refused : [];
}

describe('addresses of a name', () => {
  it('are backends on the port of the source, in order, each once', () => {
    const judgement = judgeDns(
      aim(A),
      findings(found('192.0.2.10', '192.0.2.9', '192.0.2.10')),
      NOTHING_KNOWN,
    );
    expect(judgement).toEqual({
      observation: {
        type: 'content',
        content: {
          frame: [],
          endpoints: [
            { pool: 'web', address: '192.0.2.9', port: 8080 },
            { pool: 'web', address: '192.0.2.10', port: 8080 },
          ],
          refused: [],
        },
      },
      known: NOTHING_KNOWN,
      ttlMs: 60_000,
      hasGaps: false,
      held: [],
    });
  });

  it('of no host are left out, and told', () => {
    const judgement = judgeDns(aim(A), findings(found('0.0.0.0', '192.0.2.1')), NOTHING_KNOWN);
    expect(placesOf(judgement)).toEqual(['192.0.2.1:8080']);
    expect(refusedOf(judgement)).toEqual([
      '0.0.0.0 is no address of a host: who connects to it reaches itself',
    ]);
  });

  it('of which none can be used are no empty set', () => {
    const { observation } = judgeDns(aim(A), findings(found('0.0.0.0', '224.0.0.1')), NOTHING_KNOWN);
    expect(observation).toEqual({
      type: 'unavailable',
      reason:
        'no record can be used: 0.0.0.0 is no address of a host: who connects to it reaches itself (and 1 more)',
    });
  });

  it('that are not there are an empty set', () => {
    const { observation, ttlMs, hasGaps } = judgeDns(aim(A), findings(nothing), NOTHING_KNOWN);
    expect(observation).toEqual({ type: 'content', content: { frame: [], endpoints: [], refused: [] } });
    expect([ttlMs, hasGaps]).toEqual([30_000, false]);
  });

  it('that nobody could be asked for are unknown', () => {
    const known = new Map([['A db', ['192.0.2.1']]]);
    expect(judgeDns(aim(A), findings(unknown('SERVFAIL')), known)).toEqual({
      observation: { type: 'unavailable', reason: 'SERVFAIL' },
      known,
      hasGaps: true,
      held: [],
    });
  });
});

describe('targets of SRV records', () => {
  it('are those of the lowest priority; the others are spare', () => {
    expect(
      srvTargets(['20 1 80 c.example', '10 1 80 b.example', '10 1 81 A.example', '30 1 80 d.example']),
    ).toEqual({
      targets: [
        { host: 'a.example', port: 81, weight: 100 },
        { host: 'b.example', port: 80, weight: 100 },
      ],
      isOff: false,
      refused: ['2 of a higher priority number than 10: the lowest one serves'],
    });
  });

  it.each<[number[], (number | undefined)[]]>([
    [
      [1, 1],
      [100, 100],
    ],
    [
      [10, 30],
      [33, 100],
    ],
    [
      [0, 0],
      [undefined, undefined],
    ],
    [
      [0, 5],
      [1, 100],
    ],
    [
      [1, 65_535],
      [1, 100],
    ],
  ])('have weights in the proportion of %j', (weights, scaled) => {
    const { targets } = srvTargets(weights.map((weight, at) => `0 ${weight} 80 h${at}`));
    expect(targets.map(({ weight }) => weight)).toEqual(scaled);
  });

  it('count once, with the greatest weight', () => {
    expect(srvTargets(['0 1 80 a', '0 9 80 A', '0 9 81 a']).targets).toEqual([
      { host: 'a', port: 80, weight: 100 },
      { host: 'a', port: 81, weight: 100 },
    ]);
  });

  it('that cannot be asked for are left out before the priority counts', () => {
    expect(srvTargets(['0 1 0 a', '0 1 80 a\\.b', '0 1 80 .', '1 1 80 c'])).toEqual({
      targets: [{ host: 'c', port: 80, weight: 100 }],
      isOff: false,
      refused: [
        'target a names port 0',
        'target . is no name of a host',
        'target a\\.b is no name of a host',
      ],
    });
  });

  it('are none when the only one is the root', () => {
    expect(srvTargets(['0 0 0 .'])).toEqual({ targets: [], isOff: true, refused: [] });
    expect(judgeSrv(['0 0 0 .'], {}).observation).toMatchObject({
      type: 'content',
      content: { endpoints: [] },
    });
  });

  it('beyond a bound are left out by name', () => {
    const values = Array.from({ length: MAX_TARGETS + 2 }, (_, n) => `0 1 80 h${String(n).padStart(4, '0')}`);
    const { targets, refused } = srvTargets(values.reverse());
    expect([targets.length, targets.at(-1)?.host, refused]).toEqual([
      MAX_TARGETS,
      `h0${MAX_TARGETS - 1}`,
      [`2 targets: at most ${MAX_TARGETS} are looked up`],
    ]);
  });

  const record = fc
    .tuple(fc.nat(2), fc.nat(65_535), fc.integer({ min: 1, max: 3 }), fc.constantFrom('a', 'b', 'C', 'd.e'))
    .map((fields) => fields.join(' '));

  it('do not depend on the order of the records, and weigh 1-100', () => {
    const given = fc.array(record, { minLength: 1, maxLength: 12 });
    const shuffled = given.chain((values) =>
      fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })),
    );
    fc.assert(
      fc.property(shuffled, ([values, others]) => {
        const { targets } = srvTargets(values);
        expect(srvTargets(others)).toEqual(srvTargets(values));
        const weights = targets.flatMap(({ weight }) => weight ?? []);
        expect(weights.every((weight) => weight >= 1 && weight <= 100)).toBe(true);
        expect(weights.length === 0 || Math.max(...weights) === 100).toBe(true);
      }),
    );
  });
});

describe('addresses of targets', () => {
  it('of both families serve, with port and weight of the record', () => {
    const judgement = judgeSrv(['0 1 80 a', '0 3 81 b'], {
      a: [found('192.0.2.1'), found('2001:DB8::1')],
      b: [found('192.0.2.2'), nothing],
    });
    expect(placesOf(judgement)).toEqual(['192.0.2.1:80 33', '2001:db8::1:80 33', '192.0.2.2:81 100']);
    expect(judgement.ttlMs).toBe(30_000);
    expect([...judgement.known.keys()]).toEqual(['A a', 'AAAA a', 'A b', 'AAAA b']);
  });

  const before: KnownAddresses = new Map([
    [hostKey('a', 'A'), ['192.0.2.1']],
    [hostKey('a', 'AAAA'), ['2001:db8::1']],
    [hostKey('gone', 'A'), ['192.0.2.9']],
  ]);

  it('that cannot be asked stay the last known ones, of each family', () => {
    const first = judgeSrv(
      ['0 0 80 a', '0 0 80 b'],
      { a: [unknown(), found('2001:db8::2')], b: [found('192.0.2.2'), nothing] },
      before,
    );
    expect(placesOf(first)).toEqual(['192.0.2.1:80', '2001:db8::2:80', '192.0.2.2:80']);
    expect([first.hasGaps, first.held, refusedOf(first)]).toEqual([true, ['a A: SERVFAIL'], []]);
    const again = judgeSrv(['0 0 80 a'], { a: [unknown(), unknown()] }, first.known);
    expect(placesOf(again)).toEqual(['192.0.2.1:80', '2001:db8::2:80']);
  });

  it('are forgotten with their record', () => {
    const { known } = judgeSrv(['0 0 80 a'], { a: [found('192.0.2.1'), unknown()] }, before);
    expect([...known.keys()]).toEqual(['A a', 'AAAA a']);
  });

  it('that are not there any more are gone, and told', () => {
    const judgement = judgeSrv(
      ['0 0 80 a', '0 0 80 b'],
      { a: [nothing, nothing], b: [found('192.0.2.2'), nothing] },
      before,
    );
    expect(placesOf(judgement)).toEqual(['192.0.2.2:80']);
    expect([refusedOf(judgement), judgement.hasGaps]).toEqual([['a has no address'], false]);
  });

  it('that were never known are waited for at first, then told of', () => {
    const hosts: Hosts = {
      a: [found('192.0.2.1'), nothing],
      b: [unknown('no such name (NXDOMAIN)'), nothing],
    };
    const waiting = judgeSrv(['0 0 80 a', '0 0 80 b'], hosts, NOTHING_KNOWN, true);
    expect(waiting.observation).toEqual({
      type: 'unavailable',
      reason: 'b A: no such name (NXDOMAIN), and what it had before is not known',
    });
    const told = judgeSrv(['0 0 80 a', '0 0 80 b'], hosts, waiting.known);
    expect([placesOf(told), refusedOf(told), told.hasGaps]).toEqual([
      ['192.0.2.1:80'],
      ['b A: no such name (NXDOMAIN)'],
      true,
    ]);
  });

  it.each<[string, Hosts, KnownAddresses, string]>([
    ['cannot be asked', { a: [unknown(), unknown('REFUSED')] }, NOTHING_KNOWN, 'a A: SERVFAIL (and 1 more)'],
    ['have none', { a: [nothing, nothing] }, NOTHING_KNOWN, 'a has no address'],
    [
      'had none when they could be asked',
      { a: [unknown(), nothing] },
      new Map([['A a', []]]),
      'a A: SERVFAIL',
    ],
  ])('are no empty set when all hosts %s', (_what, hosts, known, reason) => {
    expect(judgeSrv(['0 0 80 a'], hosts, known).observation).toEqual({
      type: 'unavailable',
      reason: `no record can be used: ${reason}`,
    });
  });

  it('tells at most so many reasons', () => {
    const names = Array.from({ length: MAX_REFUSED + 5 }, (_, n) => `h${n}`);
    const hosts: Hosts = Object.fromEntries(names.map((name) => [name, [nothing, nothing] as const]));
    const judgement = judgeSrv(
      [...names, 'a'].map((name) => `0 0 80 ${name}`),
      { ...hosts, a: [found('192.0.2.1'), nothing] },
    );
    expect(refusedOf(judgement)).toHaveLength(MAX_REFUSED);
  });

  it('never go because something cannot be asked', () => {
    const type = fc.constantFrom<AddressType>('A', 'AAAA');
    const host = fc.constantFrom('a', 'b', 'c');
    const address = { A: '192.0.2.', AAAA: '2001:db8::' };
    const silent = fc.uniqueArray(fc.tuple(host, type), { selector: (pair) => pair.join(' ') });
    fc.assert(
      fc.property(silent, (pairs) => {
        const of = (isSilent: boolean): Hosts =>
          Object.fromEntries(
            ['a', 'b', 'c'].map((name, at) => {
              const one = (family: AddressType): Finding =>
                isSilent && pairs.some(([h, t]) => h === name && t === family)
                  ? unknown()
                  : found(`${address[family]}${at + 1}`);
              return [name, [one('A'), one('AAAA')] as const];
            }),
          );
        const values = ['0 1 80 a', '0 2 80 b', '0 4 80 c'];
        const whole = judgeSrv(values, of(false));
        const partly = judgeSrv(values, of(true), whole.known);
        expect(partly.observation).toEqual(whole.observation);
        expect(partly.known).toEqual(whole.known);
      }),
    );
  });
});

describe('the next look', () => {
  const within = { leastMs: 5_000, mostMs: 60_000 };

  it.each([
    [30_000, 0, 30_000],
    [0, 0, 5_000],
    [3_600_000, 0, 60_000],
    [undefined, 0, 60_000],
    [undefined, 1, 5_000],
    [undefined, 3, 20_000],
    [undefined, 99, 60_000],
    [30_000, 1, 5_000],
    [7_000, 5, 7_000],
  ])('of a TTL of %p after %i looks with gaps comes after %i ms', (ttlMs, gaps, dueMs) => {
    expect(nextLookMs(ttlMs, gaps, within)).toBe(dueMs);
  });
});
