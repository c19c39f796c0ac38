import { describe, expect, it } from '@jest/globals';
import type { DnsSourceSpec } from '@signalbox/contracts';
import fc from 'fast-check';
import {
  type DnsAim,
  type DnsFindings,
  type DnsJudgement,
  type Finding,
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
type Hosts = Record<string, Finding>;
const findings = (named: Finding, hosts: Hosts = {}): DnsFindings => ({
  named,
  hosts: new Map(Object.entries(hosts)),
});

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
    const known = new Map([['db', ['192.0.2.1']]]);
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
  it('serve with port and weight of the record', () => {
    const judgement = judgeSrv(['0 1 80 a', '0 3 81 b'], {
      b: { type: 'found', values: ['192.0.2.3', '192.0.2.2'], ttlMs: 20_000 },
      a: found('192.0.2.1'),
    });
    expect(placesOf(judgement)).toEqual(['192.0.2.1:80 33', '192.0.2.2:81 100', '192.0.2.3:81 100']);
    expect(judgement.ttlMs).toBe(20_000);
    expect([...judgement.known.keys()]).toEqual(['a', 'b']);
  });

  const before: KnownAddresses = new Map([
    ['a', ['192.0.2.1']],
    ['gone', ['192.0.2.9']],
  ]);

  it('that cannot be asked stay the last known ones', () => {
    const first = judgeSrv(['0 0 80 a', '0 0 80 b'], { a: unknown(), b: found('192.0.2.2') }, before);
    expect(placesOf(first)).toEqual(['192.0.2.1:80', '192.0.2.2:80']);
    expect([first.hasGaps, first.held, refusedOf(first)]).toEqual([true, ['a: SERVFAIL'], []]);
    const again = judgeSrv(['0 0 80 a'], { a: unknown() }, first.known);
    expect(placesOf(again)).toEqual(['192.0.2.1:80']);
  });

  it('are forgotten with their record', () => {
    const { known } = judgeSrv(['0 0 80 a'], { a: unknown() }, before);
    expect([...known.keys()]).toEqual(['a']);
  });

  it('that are not there any more are gone, and told', () => {
    const judgement = judgeSrv(['0 0 80 a', '0 0 80 b'], { a: nothing, b: found('192.0.2.2') }, before);
    expect(placesOf(judgement)).toEqual(['192.0.2.2:80']);
    expect([refusedOf(judgement), judgement.hasGaps]).toEqual([['a has no address of the family'], false]);
  });

  it('of no host are left out, and told', () => {
    const judgement = judgeSrv(['0 0 80 a', '0 0 80 b'], {
      a: found('255.255.255.255'),
      b: found('192.0.2.2'),
    });
    expect(placesOf(judgement)).toEqual(['192.0.2.2:80']);
    expect(refusedOf(judgement)).toEqual(['a: 255.255.255.255 is the broadcast address']);
  });

  it('that were never known are waited for at first, then told of', () => {
    const hosts: Hosts = { b: unknown('no such name (NXDOMAIN)'), a: found('192.0.2.1') };
    const waiting = judgeSrv(['0 0 80 a', '0 0 80 b'], hosts, NOTHING_KNOWN, true);
    expect(waiting).toMatchObject({
      observation: {
        type: 'unavailable',
        reason: 'b: no such name (NXDOMAIN), and what it had before is not known',
      },
      isWaiting: true,
    });
    const told = judgeSrv(['0 0 80 a', '0 0 80 b'], hosts, waiting.known);
    expect([placesOf(told), refusedOf(told), told.hasGaps]).toEqual([
      ['192.0.2.1:80'],
      ['b: no such name (NXDOMAIN)'],
      true,
    ]);
  });

  it.each<[string, Hosts, KnownAddresses, string]>([
    ['cannot be asked', { a: unknown(), b: unknown('REFUSED') }, NOTHING_KNOWN, 'a: SERVFAIL (and 1 more)'],
    ['have none', { a: nothing }, NOTHING_KNOWN, 'a has no address of the family'],
    ['had none when they could be asked', { a: unknown() }, new Map([['a', []]]), 'a: SERVFAIL'],
  ])('are no empty set when all hosts %s', (_what, hosts, known, reason) => {
    const values = Object.keys(hosts).map((host) => `0 0 80 ${host}`);
    expect(judgeSrv(values, hosts, known).observation).toEqual({
      type: 'unavailable',
      reason: `no record can be used: ${reason}`,
    });
  });

  it('tells at most so many reasons', () => {
    const names = Array.from({ length: MAX_REFUSED + 5 }, (_, n) => `h${n}`);
    const hosts: Hosts = Object.fromEntries(names.map((name) => [name, nothing]));
    const judgement = judgeSrv(
      [...names, 'a'].map((name) => `0 0 80 ${name}`),
      { ...hosts, a: found('192.0.2.1') },
    );
    expect(refusedOf(judgement)).toHaveLength(MAX_REFUSED);
  });

  it('never go because something cannot be asked', () => {
    const names = ['a', 'b', 'c'];
    const values = names.map((name, at) => `0 ${at + 1} 80 ${name}`);
    const whole: Hosts = Object.fromEntries(names.map((name, at) => [name, found(`192.0.2.${at + 1}`)]));
    const before = judgeSrv(values, whole);
    fc.assert(
      fc.property(fc.array(fc.subarray(names), { maxLength: 4 }), (looks) => {
        let { known } = before;
        for (const silent of looks) {
          const partly = { ...whole, ...Object.fromEntries(silent.map((name) => [name, unknown()])) };
          const judgement = judgeSrv(values, partly, known);
          expect(judgement.observation).toEqual(before.observation);
          ({ known } = judgement);
        }
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
