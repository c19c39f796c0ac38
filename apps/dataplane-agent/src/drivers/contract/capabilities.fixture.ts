import { rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Affinity,
  type Algorithm,
  ALGORITHMS,
  type Capabilities,
  LISTENER_PROTOCOLS,
  type NodeListener,
} from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { madeCertificate, pemOf } from '../certificates/made-certificate.fixture.js';
import { tallied } from '../named-datagrams.fixture.js';
import { listenerOf, placeOf, type Stage } from './driver-stage.fixture.js';

const AFFINITIES: readonly Affinity[] = [
  { type: 'source-ip', timeoutMs: 60_000 },
  { type: 'http-cookie', cookie: 'SERVERID' },
  { type: 'app-cookie', cookie: 'JSESSIONID' },
];

/** Far more targets than any test makes are not tried one by one. */
const MOST_TRIED_TARGETS = 1_000;

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** Where a listener that ends TLS finds its certificate. */
const CERTIFICATE_FILE = join(tmpdir(), `contract-${process.pid}.pem`);

const ENDS_TLS = {
  certificates: [{ name: 'web', file: CERTIFICATE_FILE }],
  minVersion: '1.2',
  http2: true,
} as const;

const A_POLICY = {
  ...({ name: 'admin', action: 'reject' } as const),
  rules: [{ type: 'path', compare: 'starts-with', value: '/admin' }],
} as const;

/** One thing a listener may ask for, how the refusal names it, and whether the driver has it. */
type Ask = readonly [what: string, changes: Partial<NodeListener>, word: string, can: boolean];

/** What the capabilities have works; what they lack is refused, on its listener alone. */
export function describeCapabilities(stage: Stage, driver: string, can: Capabilities): void {
  const http = can.protocols.includes('http');
  const asks: readonly Ask[] = [
    ...LISTENER_PROTOCOLS.map((protocol): Ask => [
      `protocol ${protocol}`,
      { protocol, ...(protocol === 'terminated-https' && { tls: ENDS_TLS }) },
      protocol,
      can.protocols.includes(protocol),
    ]),
    ['all ports of a VIP', { protocol: 'any', port: 0 }, 'any', can.protocols.includes('any')],
    ...ALGORITHMS.map((algorithm): Ask => [
      `algorithm ${algorithm}`,
      { algorithm, ...(algorithm === 'maglev' && { tableSize: 251 }) },
      algorithm,
      can.algorithms.includes(algorithm),
    ]),
    ...AFFINITIES.map((affinity): Ask => [
      `affinity ${affinity.type}`,
      { affinity, ...(affinity.type !== 'source-ip' && http && { protocol: 'http' }) },
      affinity.type,
      can.affinity.includes(affinity.type),
    ]),
    ['a connection limit', { connectionLimit: 10 }, 'connection limit', can.connectionLimit],
    [
      'policies for requests',
      { policies: [A_POLICY], ...(http && { protocol: 'http' }) },
      'policies',
      can.policies ?? false,
    ],
    [
      'a pool of a policy',
      {
        ...(http && { protocol: 'http' }),
        policies: [{ ...A_POLICY, action: 'redirect-to-pool', pool: 'api' }],
        policyPools: [{ name: 'api', algorithm: 'round-robin', targets: [] }],
      },
      'policies',
      can.policies ?? false,
    ],
    ['the PROXY protocol', { proxyProtocol: 'v2' }, 'PROXY protocol', can.proxyProtocol ?? false],
    // who has it needs targets of its own, which loopback cannot be
    ...((can.dsr ?? []).length > 0
      ? []
      : [['direct server return', { forwarding: 'dsr' }, 'direct server return', false] as const]),
    ['a target with a port of its own', {}, 'port', can.targetPorts],
    ['a VIP of another family than the targets', { address: '2001:db8::10' }, 'family', can.mixedFamilies],
  ];

  describe('capabilities', () => {
    beforeAll(() => writeFile(CERTIFICATE_FILE, pemOf(madeCertificate('web.example')), { mode: 0o600 }));
    afterAll(() => rm(CERTIFICATE_FILE, { force: true }));

    it('are what the suite was told', () => expect(stage().driver.capabilities).toEqual(can));

    it.each(asks.filter(([, , , has]) => has))('have %s', async (_what, changes) => {
      const result = await stage().apply(stage().listener(changes));
      expect(placeOf(listenerOf(result, 'web')).port).toBeGreaterThan(0);
      expect((await stage().apply(stage().listener(changes))).writes).toBe(0);
    });

    // With `each` a driver that lacks nothing would have an empty table, which is an error.
    for (const [what, changes, word] of asks.filter(([, , , has]) => !has)) {
      it(`lack ${what}: refused, the other listener is applied`, async () => {
        const mail = stage().listener({ name: 'mail', port: 25 });
        const result = await stage().apply(stage().listener(changes), mail);
        const refused = listenerOf(result, 'web');
        expect(refused).toMatchObject({ state: 'refused', error: { code: 'data-plane-refused' } });
        const message = refused.state === 'refused' ? refused.error.message : '';
        expect(message).toContain(word);
        expect(message).toContain(driver);
        expect(await stage().traffic.tally(placeOf(listenerOf(result, 'mail')), 3)).toEqual({
          a: 1,
          b: 1,
          c: 1,
        });
      });
    }

    if (can.maxTargets < MOST_TRIED_TARGETS) {
      it('bound the targets of a listener', async () => {
        const targets = Array.from({ length: can.maxTargets + 1 }, (_none, index) => ({
          address: '127.0.0.1',
          port: 1_024 + index,
          weight: 1,
          flushes: 0,
        }));
        const result = await stage().apply(stage().listener({ targets }));
        expect(listenerOf(result, 'web')).toMatchObject({
          state: 'refused',
          error: { code: 'data-plane-refused' },
        });
      });
    }

    for (const algorithm of can.algorithms) {
      it(`${algorithm} gives connections to targets with a weight alone`, async () => {
        const targets = stage().targets([100, 0, 50]);
        const place = await stage().serve(stage().listener({ ...asAsked(algorithm), targets }));
        const { a = 0, c = 0 } = await stage().traffic.tally(place, 30);
        expect(a + c).toBe(30);
      });
    }

    if (can.algorithms.includes('least-connections')) {
      it('least-connections fills up the target that has the fewest', async () => {
        const { traffic } = stage();
        const place = await stage().serve(stage().listener({ algorithm: 'least-connections' }));
        const open = async () => {
          const client = await traffic.connect(place);
          return { client, name: (await client.ask()) ?? 'nobody' };
        };
        const standing = [];
        for (let opened = 0; opened < 9; opened += 1) standing.push(await open());
        expect(tallied(standing.map(({ name }) => name))).toEqual({ a: 3, b: 3, c: 3 });
        for (const { client, name } of standing) if (name === 'b') await client.end();
        await until('three to have ended', async () => (await stage().countersOf('web')).connections === 6);
        const after = [];
        for (let opened = 0; opened < 3; opened += 1) after.push((await open()).name);
        expect(after).toEqual(['b', 'b', 'b']);
      });
    }

    if (can.affinity.includes('source-ip')) {
      it('source-ip brings a client back to its target, until that has no weight', async () => {
        const affinity = { type: 'source-ip', timeoutMs: 60_000 } as const;
        const place = await stage().serve(stage().listener({ affinity }));
        const [home = ''] = Object.keys(await stage().traffic.tally(place, 1));
        expect(await stage().traffic.tally(place, 8)).toEqual({ [home]: 8 });
        const weights = stage().servers.map(({ name }) => (name === home ? 0 : 100));
        await stage().serve(stage().listener({ affinity, targets: stage().targets(weights) }));
        const [next = '', ...more] = Object.keys(await stage().traffic.tally(place, 8));
        expect(more).toEqual([]);
        expect(next).not.toBe(home);
      });
    }

    if (can.connectionLimit) {
      it('a connection limit refuses what comes above it, and counts it', async () => {
        const { traffic } = stage();
        const place = await stage().serve(stage().listener({ connectionLimit: 2 }));
        const first = await traffic.connect(place);
        const second = await traffic.connect(place);
        for (const client of [first, second]) expect(await client.ask()).toBeDefined();
        expect(await traffic.ask(place)).toBeUndefined();
        await until('one to be counted', async () => (await stage().countersOf('web')).refusedTotal === 1);
        await first.end();
        await until('a place to be free', async () => (await traffic.ask(place)) !== undefined);
        expect(await second.ask()).toBeDefined();
      });
    }

    (HAS_IPV6 ? it : it.skip)('listen and connect by IPv6', async () => {
      const servers = await stage().traffic.start(['d', 'e'], '::1');
      const place = await stage().serve(
        stage().listener({
          address: '2001:db8::10',
          listenAt: { address: '::1' },
          targets: stage().targets([100, 100], servers),
        }),
      );
      expect(place.address).toBe('::1');
      expect(await stage().traffic.tally(place, 4)).toEqual({ d: 2, e: 2 });
    });
  });
}

function asAsked(algorithm: Algorithm): Partial<NodeListener> {
  return { algorithm, ...(algorithm === 'maglev' && { tableSize: 251 }) };
}
