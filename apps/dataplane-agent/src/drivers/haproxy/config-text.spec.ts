import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener, type NodePolicy, type NodePool } from '@signalbox/contracts';
import { CHECKOUT } from '@signalbox/testing';
import { configText, isOurs, listenersOfText, shapeOfDescription, shapeOfText } from './config-text.js';
import { type PlacedListener, placeListener } from './placed-listener.js';

const GOLDEN = join(CHECKOUT, 'apps/dataplane-agent/src/drivers/haproxy/haproxy.golden.cfg');
const SETTINGS = {
  statsSocket: "/run/signalbox/it's here/stats.sock",
  maxConnections: 9_800,
  certificates: "/run/signalbox/it's here/certificates",
};

const TARGETS = [
  { address: '2001:db8::1', port: 18001, weight: 30, flushes: 2 },
  { address: '10.0.0.10', port: 18001, weight: 0, flushes: 1 },
  { address: '10.0.0.9', port: 18001, weight: 50, flushes: 0 },
];
const BEHIND_COOKIE: Partial<NodeListener> = {
  protocol: 'http',
  affinity: { type: 'http-cookie', cookie: 'SERVERID' },
};

const ENDS_TLS = {
  protocol: 'terminated-https',
  port: 443,
  tls: {
    certificates: [
      { name: 'lab/store', file: '/etc/store.pem' },
      { name: 'lab/other', file: '/etc/other.pem', keyFile: '/etc/other.key' },
    ],
    minVersion: '1.3',
    http2: true,
  },
} as const satisfies Partial<NodeListener>;

const POLICIES: readonly NodePolicy[] = [
  {
    ...{ name: 'lab/none', action: 'reject' },
    rules: [
      { type: 'host-name', compare: 'ends-with', value: '.example' },
      { type: 'path', compare: 'starts-with', value: "/it's here", invert: true },
      { type: 'header', key: 'user-agent', compare: 'regex', value: '^-f "[a-z]+"$' },
      { type: 'cookie', key: 'sid', compare: 'contains', value: '\\' },
      { type: 'file-type', compare: 'equal-to', value: 'jpg' },
    ],
  },
  {
    ...{ name: 'lab/to', action: 'redirect-to-url', url: 'https://a.example/%[src]?q=%20', code: 308 },
    rules: [{ type: 'path', compare: 'equal-to', value: '/' }],
  },
  {
    ...{ name: 'lab/under', action: 'redirect-prefix', prefix: 'https://b.example/', code: 301 },
    rules: [{ type: 'path', compare: 'equal-to', value: '/b' }],
  },
];

const TO_POOLS: readonly NodePolicy[] = ['img', 'api', 'api'].map((pool, at) => ({
  ...{ name: `lab/${pool}${at}`, action: 'redirect-to-pool', pool },
  rules: [{ type: 'path', compare: 'starts-with', value: `/${pool}${at}` }],
}));
const POOLS: readonly NodePool[] = [
  {
    ...{ name: 'api', algorithm: 'source-hash', proxyProtocol: 'v2', targets: TARGETS },
    affinity: { type: 'source-ip', timeoutMs: 1_000 },
  },
  {
    ...{ name: 'img', algorithm: 'random', targets: TARGETS.slice(1) },
    affinity: { type: 'http-cookie', cookie: 'img' },
  },
];
const WITH_POOLS: Partial<NodeListener> = { protocol: 'http', policies: TO_POOLS, policyPools: POOLS };

function listener(changes: Partial<NodeListener> = {}, port = 8080): PlacedListener {
  const given: NodeListener = {
    name: 'web',
    address: '192.0.2.10',
    protocol: 'tcp',
    port: 80,
    algorithm: 'round-robin',
    timeouts: DEFAULT_TIMEOUTS,
    targets: TARGETS,
    ...changes,
  };
  return placeListener(given, { address: given.listenAt?.address ?? '127.0.0.1', port });
}

const ALL = [
  listener({
    name: 'lab/app',
    protocol: 'http',
    algorithm: 'least-connections',
    affinity: { type: 'app-cookie', cookie: 'JSESSIONID' },
  }),
  listener({
    name: 'lab/shop',
    protocol: 'http',
    affinity: { type: 'http-cookie', cookie: 'SERVERID' },
    connectionLimit: 500,
    insertHeaders: ['X-Forwarded-Port', 'X-Forwarded-For', 'X-Forwarded-Proto'],
    proxyProtocol: 'v1',
  }),
  listener({ name: 'lab/store', ...ENDS_TLS, insertHeaders: ['X-Forwarded-Proto'], proxyProtocol: 'v2' }),
  listener({
    ...{ name: 'lab/wiki', protocol: 'http', insertHeaders: ['X-Forwarded-Proto'] },
    ...{ policies: [...POLICIES, ...TO_POOLS], policyPools: POOLS },
  }),
  listener({ name: 'mail', algorithm: 'random', timeouts: { connectMs: 1, clientMs: 0, targetMs: 0 } }),
  listener({
    name: 'web',
    listenAt: { address: '::1' },
    algorithm: 'source-hash',
    affinity: { type: 'source-ip', timeoutMs: 60_000 },
  }),
];

describe('the file of HAProxy', () => {
  it('is the golden one', async () => {
    expect(configText(ALL, SETTINGS).text).toBe(await readFile(GOLDEN, 'utf8'));
  });

  it('tells the listeners that it was made from, and its shape', () => {
    const { text, shape } = configText(ALL, SETTINGS);
    expect(isOurs(text)).toBe(true);
    expect(listenersOfText(text)).toEqual(ALL);
    expect(shapeOfText(text)).toBe(shape);
    expect(shapeOfDescription(`signalbox:${shape}`)).toBe(shape);
    expect(shapeOfDescription('edge proxy of the shop')).toBeUndefined();
    expect(isOurs('global\n')).toBe(false);
  });

  it('is the same for the same listeners, whatever the order of fields and targets and the count of flushes', () => {
    const turned = [...TARGETS].reverse().map((target) => ({ ...target, flushes: 7 }));
    expect(configText([listener({ targets: turned })], SETTINGS)).toEqual(configText([listener()], SETTINGS));
    const [api, img] = POOLS as [NodePool, NodePool];
    const policyPools = [img, { ...api, targets: turned }];
    expect(configText([listener({ ...WITH_POOLS, policyPools })], SETTINGS)).toEqual(
      configText([listener(WITH_POOLS)], SETTINGS),
    );
  });

  it.each<[string, Partial<NodeListener>, Partial<NodeListener>]>([
    ['weights', {}, { targets: [{ address: '10.0.0.9', port: 18001, weight: 1, flushes: 0 }] }],
    ['the VIP that the listener stands for', {}, { address: '192.0.2.11' }],
    [
      'weights behind a cookie',
      BEHIND_COOKIE,
      { ...BEHIND_COOKIE, targets: TARGETS.map((target) => ({ ...target, weight: 7 })) },
    ],
    [
      'weights, and targets without a cookie, of policy pools',
      WITH_POOLS,
      {
        ...WITH_POOLS,
        policyPools: [
          { ...POOLS[0]!, targets: [] },
          { ...POOLS[1]!, targets: POOLS[1]!.targets.map((target) => ({ ...target, weight: 7 })) },
        ],
      },
    ],
  ])('keeps its shape over a change of %s', (_what, before, after) => {
    const [one, other] = [before, after].map((changes) => configText([listener(changes)], SETTINGS));
    expect(other?.shape).toBe(one?.shape);
    expect(other?.text).not.toBe(one?.text);
  });

  it.each<[string, Partial<NodeListener>, Partial<NodeListener>]>([
    ['the algorithm', {}, { algorithm: 'random' }],
    ['the time-outs', {}, { timeouts: { connectMs: 1, clientMs: 2, targetMs: 3 } }],
    ['the limit', {}, { connectionLimit: 9 }],
    ['the name', {}, { name: 'other' }],
    ['policies', { protocol: 'http' }, { protocol: 'http', policies: POLICIES }],
    [
      'the order of policies',
      { protocol: 'http', policies: POLICIES },
      { protocol: 'http', policies: [...POLICIES].reverse() },
    ],
    ['a policy pool', WITH_POOLS, { ...WITH_POOLS, policyPools: POOLS.slice(1) }],
    [
      'the algorithm of a policy pool',
      WITH_POOLS,
      { ...WITH_POOLS, policyPools: [{ ...POOLS[0]!, algorithm: 'random' }, POOLS[1]!] },
    ],
    [
      'the servers of a policy pool behind a cookie',
      WITH_POOLS,
      { ...WITH_POOLS, policyPools: [POOLS[0]!, { ...POOLS[1]!, targets: [] }] },
    ],
    ['the headers', { protocol: 'http' }, { protocol: 'http', insertHeaders: ['X-Forwarded-For'] }],
    ['the PROXY protocol', { proxyProtocol: 'v1' }, { proxyProtocol: 'v2' }],
    ['the versions of TLS', ENDS_TLS, { ...ENDS_TLS, tls: { ...ENDS_TLS.tls, minVersion: '1.2' } }],
    ['HTTP/2', ENDS_TLS, { ...ENDS_TLS, tls: { ...ENDS_TLS.tls, http2: false } }],
    [
      'the order of certificates',
      ENDS_TLS,
      { ...ENDS_TLS, tls: { ...ENDS_TLS.tls, certificates: [...ENDS_TLS.tls.certificates].reverse() } },
    ],
    ['the servers behind a cookie', BEHIND_COOKIE, { ...BEHIND_COOKIE, targets: TARGETS.slice(1) }],
  ])('changes its shape with %s', (_what, before, after) => {
    const [one, other] = [before, after].map((changes) => configText([listener(changes)], SETTINGS));
    expect(other?.shape).not.toBe(one?.shape);
  });

  it('changes its shape with the place, and with the settings of the process', () => {
    const shapes = [
      configText([listener()], SETTINGS),
      configText([listener({}, 8081)], SETTINGS),
      configText([listener()], { ...SETTINGS, maxConnections: 9_799 }),
      configText([listener()], { ...SETTINGS, statsSocket: '/run/other.sock' }),
    ].map(({ shape }) => shape);
    expect(new Set(shapes).size).toBe(4);
  });
});
