import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CodedError,
  type ListenerPlacement,
  type NodeListenerReport,
  SUBJECTS,
  type WeightRequest,
  type WeightRule,
} from '@signalbox/contracts';
import { frontendsProjection, nodesProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, configured, target } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { DrainDto } from './drains.dto.js';
import type { ListenerStatsDto } from './listener-stats.dto.js';
import type { ListenerDto } from './listeners.dto.js';
import type { LoadBalancerDto, LoadBalancerTreeDto } from './loadbalancers.dto.js';
import type { PoolViewDto } from './pools.dto.js';

const START_MS = 300_000;
const QUESTION = SUBJECTS.ask('balancer', 'placement');
let site: ApiSite;
let cast: BalanceCast;

const served = (name: string, digest: string, tableDigest = 't1'): NodeListenerReport => ({
  ...{ name, state: 'applied', generation: 3, digest, tableDigest },
  listensAt: { address: '127.0.0.1', port: 20_001 },
});
const refused: NodeListenerReport = {
  ...{ name: 'api', state: 'refused', generation: 4, digest: 'd0' },
  error: { code: 'listen-failed', message: '192.0.2.9:443 is in use' },
};
const told = (node: string, digest: string) => ({ node, driver: 'sim' as const, generation: 4, digest });

const certificates = [
  { name: 'shop', sha256: 'c'.repeat(64), names: ['shop.example'], notBefore: AT, notAfter: AT },
];

const TRAFFIC = { connections: 1, connectionsTotal: 20, bytesIn: 300, bytesOut: 4000 };

/** Where each listener is. */
const PLACEMENTS: readonly ListenerPlacement[] = [
  { listener: 'api', nodes: [told('n1', 'd1')] },
  { listener: 'ends', nodes: [told('n1', 'd1')] },
  { listener: 'lab/web', nodes: [], unplaced: 'no node serves it: Node/n1 names other listeners' },
  { listener: 'short', nodes: [told('n1', 'd1'), told('n2', 'd2')] },
  { listener: 'web', nodes: [told('n1', 'd1'), told('n2', 'd1')] },
];

/** `balancer`: says where listeners are. */
function playPlacement(): void {
  cast.answer<{ listener?: string }>(QUESTION, ({ listener }) => {
    const listeners = PLACEMENTS.filter((one) => listener === undefined || one.listener === listener);
    if (listeners.length === 0) throw new CodedError('not-found', `there is no listener "${listener}"`);
    return { listeners };
  });
}

async function get<T>(path: string): Promise<T> {
  const { status, body } = await site.call<T>(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return body;
}

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  const lab = configured('Frontend', 'web', { address: '192.0.2.7', pools: [{ name: 'only' }] });
  const shop = { loadBalancer: 'shop', protocol: 'tcp' };
  await cast.configure(
    configured('LoadBalancer', 'shop', { address: '192.0.2.1', description: 'the shop' }),
    configured('LoadBalancer', 'empty', { address: '192.0.2.3' }),
    configured('Pool', 'blue', { algorithm: 'maglev', backends: { b2: {}, b1: { weight: 50 } } }),
    configured('Pool', 'green', { description: 'the other colour' }),
    configured('Pool', 'unused', { backends: { b1: {}, b9: {} } }),
    configured('Listener', 'web', { ...shop, port: 80, pools: ['blue', 'green'], connectionLimit: 7 }),
    configured('Certificate', 'shop', { file: '/etc/signalbox/tls/shop.pem' }),
    configured('LoadBalancer', 'store', { address: '192.0.2.4' }),
    configured('Pool', 'red', { proxyProtocol: 'v1' }),
    configured('Listener', 'ends', {
      ...{ loadBalancer: 'store', protocol: 'terminated-https', port: 443, pools: ['red'] },
      ...{ tls: { certificates: ['shop'] }, insertHeaders: ['X-Forwarded-For'] },
    }),
    configured('L7Policy', 'old', {
      ...{ listener: 'ends', action: 'redirect-to-url', position: 1, url: 'https://a.example' },
    }),
    configured('L7Policy', 'no-bots', { listener: 'ends', action: 'reject', position: 2 }),
    configured('Pool', 'black', { algorithm: 'random', backends: { b4: {} } }),
    configured('L7Policy', 'to-black', {
      ...{ listener: 'ends', action: 'redirect-to-pool', position: 1, redirectPool: 'black' },
    }),
    configured('L7Policy', 'bare-black', {
      ...{ listener: 'ends', action: 'redirect-to-pool', position: 2, redirectPool: 'black' },
    }),
    configured('L7Rule', 'r3', { policy: 'to-black', type: 'path', compare: 'equal-to', value: '/b' }),
    configured('L7Policy', 'bare', { listener: 'ends', action: 'reject', position: 1 }),
    configured('L7Rule', 'r1', { policy: 'old', type: 'path', compare: 'equal-to', value: '/old' }),
    configured('L7Rule', 'r2', {
      ...{
        policy: 'no-bots',
        type: 'header',
        key: 'user-agent',
        compare: 'contains',
        value: 'bot',
        invert: true,
      },
    }),
    configured('Listener', 'api', { ...shop, port: 443, pools: ['green'], forwarding: 'dsr' }),
    configured('Listener', 'new', { ...shop, port: 81, pools: ['green'] }),
    configured('Frontend', 'short', {
      ...{ address: '192.0.2.2', protocol: 'tcp', port: 80, pools: [{ name: 'a' }, { name: 'b/c' }] },
    }),
    { ...lab, resource: { ...lab.resource, metadata: { name: 'web', project: 'lab' } } },
  );
  await cast.backend('b1', 'up', { healthcheck: 'c1' });
  await cast.backend('b2', 'down', { healthcheck: 'c1', port: 8080 });
  await cast.backend('b3', 'up');
  const down = { rule: 'down' as WeightRule, text: 'b2 is down' };
  await cast.frontend('web', {
    activePool: 'blue',
    targets: [target('blue', 'b1'), { ...target('blue', 'b2', 0), port: 8080, why: down }],
  });
  await cast.frontend('api', { activePool: 'green', targets: [target('green', 'b3')] });
  await cast.backend('b4', 'up');
  await cast.frontend('ends', { activePool: 'red', targets: [target('black', 'b4', 70)] });
  await cast.frontend('short', { activePool: 'a', targets: [target('a', 'b3'), target('b/c', 'b1', 0)] });
  await cast.readable(frontendsProjection, await cast.frontend('lab/web', { activePool: 'only' }));
  await cast.node('n1', {
    listeners: [
      served('web', 'd1'),
      served('short', 'd1'),
      refused,
      { ...served('ends', 'd1'), certificates },
    ],
  });
  const seq = await cast.node('n2', { listeners: [served('web', 'd1', 't2'), served('short', 'd1')] });
  await cast.readable(nodesProjection, seq);
  playPlacement();
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

describe('listeners', () => {
  it('are those of Listeners and Frontends that are recorded, by name, page by page', async () => {
    const items = await paged<ListenerDto>(site, '/v1/listeners', 1);
    const short = items.map(({ name, project, declaredBy, provisioningStatus, operatingStatus }) =>
      [project, name, declaredBy, provisioningStatus, operatingStatus].filter(Boolean).join(' '),
    );
    expect(short).toEqual([
      'api Listener error offline',
      'ends Listener active degraded',
      'lab web Frontend unplaced offline',
      'short Frontend pending online',
      'web Listener active degraded',
    ]);
    expect(await paged<ListenerDto>(site, '/v1/listeners?project=lab', 5)).toEqual([items[2]]);
  });

  it('tell everything: nodes, pools in their order, weights with their why', async () => {
    const web = await get<ListenerDto>('/v1/listeners/web');
    const { pools, nodes, ...rest } = web;
    expect(rest).toEqual({
      name: 'web',
      declaredBy: 'Listener',
      loadBalancer: 'shop',
      description: '',
      address: '192.0.2.1',
      protocol: 'tcp',
      port: 80,
      enabled: true,
      algorithm: 'maglev',
      connectionLimit: 7,
      provisioningStatus: 'active',
      operatingStatus: 'degraded',
      operatingReason: 'b2 is down',
      state: 'up',
      since: AT,
      activePool: 'blue',
      digestsAgree: false,
      origin: { revision: 7 },
    });
    expect(pools.map(({ name, backends }) => [name, ...backends.map((one) => one.name)])).toEqual([
      ['blue', 'b2', 'b1'],
      ['green'],
    ]);
    expect(pools[0]?.backends[0]).toMatchObject({ port: 8080, effective: 0, why: { text: 'b2 is down' } });
    const { name: _name, ...report } = served('web', 'd1');
    expect(nodes).toEqual([
      { node: 'n1', driver: 'sim', current: true, ...report, at: AT },
      { node: 'n2', driver: 'sim', current: true, ...report, tableDigest: 't2', at: AT },
    ]);
  });

  it('tell of TLS what is declared and what nodes show to clients, and no file', async () => {
    const ends = await get<ListenerDto>('/v1/listeners/ends');
    expect(ends).toMatchObject({
      protocol: 'terminated-https',
      tls: { certificates: ['shop'], minVersion: '1.2', http2: true },
      insertHeaders: ['X-Forwarded-For'],
      proxyProtocol: 'v1',
      nodes: [{ node: 'n1', certificates }],
    });
    expect(JSON.stringify(ends)).not.toContain('.pem');
    expect(await get('/v1/nodes/n1')).toMatchObject({
      listeners: expect.arrayContaining([expect.objectContaining({ listener: 'ends', certificates })]),
    });
  });

  it('tell which policies are asked of requests, in their order', async () => {
    expect((await get<ListenerDto>('/v1/listeners/ends')).policies).toEqual([
      {
        ...{ name: 'no-bots', action: 'reject' },
        rules: [{ type: 'header', key: 'user-agent', compare: 'contains', value: 'bot', invert: true }],
      },
      {
        ...{ name: 'old', action: 'redirect-to-url', url: 'https://a.example', code: 302 },
        rules: [{ type: 'path', compare: 'equal-to', value: '/old' }],
      },
      {
        ...{ name: 'to-black', action: 'redirect-to-pool', pool: 'black' },
        rules: [{ type: 'path', compare: 'equal-to', value: '/b' }],
      },
    ]);
    expect(await get('/v1/listeners/web')).not.toHaveProperty('policies');
  });

  it('tell what policies send requests to, with weights and why, and that only these serve', async () => {
    const { policyPools, pools, operatingReason } = await get<ListenerDto>('/v1/listeners/ends');
    expect(policyPools).toMatchObject([
      { name: 'black', algorithm: 'random', backends: [{ name: 'b4', effective: 70, why: {} }] },
    ]);
    expect(pools).toMatchObject([{ name: 'red', backends: [] }]);
    expect(operatingReason).toBe('no target has a weight but those of its policies');
    expect(await get('/v1/listeners/web')).not.toHaveProperty('policyPools');
  });

  it('tell what their nodes counted, and which of these do not tell', async () => {
    const targets = [{ address: '10.0.0.1', port: 80, ...TRAFFIC, errorsTotal: 1 }];
    const counted = { listener: 'web', ...TRAFFIC, refusedTotal: 4, targets };
    const asked: unknown[] = [];
    cast.answer(SUBJECTS.askNode('n1', 'counters'), (question) => {
      asked.push(question);
      return { node: 'n1', listeners: [counted] };
    });
    const { at: _at, ...stats } = await get<ListenerStatsDto>('/v1/listeners/web/stats');
    const { listener: _listener, ...own } = counted;
    expect(stats).toEqual({
      name: 'web',
      total: { ...TRAFFIC, refusedTotal: 4 },
      nodes: [{ node: 'n1', ...own }],
      silent: ['n2'],
    });
    expect(asked).toEqual([{ listener: 'web' }]);
    cast.answer(SUBJECTS.askNode('n2', 'counters'), () => ({ node: 'n2', listeners: [counted] }));
    expect(await get('/v1/listeners/web/stats')).toMatchObject({
      total: { connections: 2 * TRAFFIC.connections, refusedTotal: 8 },
      nodes: [{ node: 'n1' }, { node: 'n2' }],
      silent: [],
    });
    cast.leave(SUBJECTS.askNode('n1', 'counters'));
    cast.leave(SUBJECTS.askNode('n2', 'counters'));
    // nobody serves it, so nobody is asked
    expect(await get('/v1/listeners/web/stats?project=lab')).toMatchObject({ nodes: [], silent: [] });
    expect(await site.call('/v1/listeners/none/stats')).toMatchObject({ status: 404 });
  });

  it('say when targets answer clients themselves', async () => {
    expect(await get('/v1/listeners/api')).toMatchObject({ forwarding: 'dsr' });
    expect(await get('/v1/listeners/web')).not.toHaveProperty('forwarding');
  });

  it('say which node refuses, and why', async () => {
    expect(await get('/v1/listeners/api')).toMatchObject({
      provisioningStatus: 'error',
      provisioningReason: 'n1: 192.0.2.9:443 is in use',
      operatingReason: 'no node serves it',
      nodes: [{ node: 'n1', state: 'refused', current: false, error: { code: 'listen-failed' } }],
    });
  });

  it('say which node is behind; its table is not compared', async () => {
    const short = await get<ListenerDto>('/v1/listeners/short');
    expect(short).toMatchObject({
      declaredBy: 'Frontend',
      loadBalancer: 'short',
      provisioningReason: 'n2 has not applied the newest state yet',
      nodes: [{ current: true }, { current: false }],
    });
    expect(short).not.toHaveProperty('digestsAgree');
  });

  it('say why no node serves them', async () => {
    expect(await get('/v1/listeners/web?project=lab')).toMatchObject({
      project: 'lab',
      protocol: 'any',
      port: 0,
      provisioningReason: 'no node serves it: Node/n1 names other listeners',
      nodes: [],
    });
  });

  it('are told without balancer as well, but for where they shall be', async () => {
    cast.leave(QUESTION);
    expect(await get('/v1/listeners/web')).toMatchObject({
      provisioningStatus: 'unknown',
      operatingStatus: 'degraded',
      nodes: [{ node: 'n1', state: 'applied' }, { node: 'n2' }],
    });
    playPlacement();
  });

  it.each(['none', 'new'])('are refused while there is none of the name: %s', async (name) => {
    expect(await site.call(`/v1/listeners/${name}`)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});

describe('load balancers', () => {
  it('are LoadBalancers and Frontends, as well as the worst of their listeners', async () => {
    const items = await paged<LoadBalancerDto>(site, '/v1/loadbalancers', 1);
    const short = items.map(({ name, project, declaredBy, provisioningStatus, operatingStatus }) =>
      [project, name, declaredBy, provisioningStatus, operatingStatus].filter(Boolean).join(' '),
    );
    expect(short).toEqual([
      'empty LoadBalancer active offline',
      'shop LoadBalancer error offline',
      'short Frontend pending online',
      'store LoadBalancer active degraded',
      'lab web Frontend unplaced offline',
    ]);
  });

  it('tell of each listener how it stands, also of one that is on its way', async () => {
    const shop = await get<LoadBalancerDto>('/v1/loadbalancers/shop');
    expect(shop).toMatchObject({ address: '192.0.2.1', description: 'the shop', origin: { revision: 7 } });
    expect(shop.listeners).toEqual([
      {
        ...{ name: 'api', protocol: 'tcp', port: 443 },
        ...{ provisioningStatus: 'error', provisioningReason: 'n1: 192.0.2.9:443 is in use' },
        ...{ operatingStatus: 'offline', operatingReason: 'no node serves it' },
      },
      {
        ...{ name: 'new', protocol: 'tcp', port: 81 },
        ...{ provisioningStatus: 'pending', provisioningReason: 'balancer has not recorded it yet' },
        ...{ operatingStatus: 'offline', operatingReason: 'balancer has not recorded it yet' },
      },
      {
        ...{ name: 'web', protocol: 'tcp', port: 80, provisioningStatus: 'active' },
        ...{ operatingStatus: 'degraded', operatingReason: 'b2 is down' },
      },
    ]);
    expect(await site.call('/v1/loadbalancers/none')).toMatchObject({ status: 404 });
  });

  it('tell everything below them in one call', async () => {
    const { tree, ...shop } = await get<LoadBalancerTreeDto>('/v1/loadbalancers/shop/tree');
    expect(shop).toEqual(await get<LoadBalancerDto>('/v1/loadbalancers/shop'));
    expect(tree).toEqual([
      await get<ListenerDto>('/v1/listeners/api'),
      await get<ListenerDto>('/v1/listeners/web'),
    ]);
    expect(await site.call('/v1/loadbalancers/none/tree')).toMatchObject({ status: 404 });
  });
});

describe('pools', () => {
  it('are Pools and those of Frontends, page by page', async () => {
    const names = ['black', 'blue', 'green', 'red', 'short/a', 'short/b~1c', 'unused', 'web/only'];
    for (const limit of [1, 2, 3, 5]) {
      const items = await paged<PoolViewDto>(site, '/v1/pools', limit);
      expect(items.map(({ name }) => name)).toEqual(names);
    }
  });

  it('tell whose policies send them requests, in effect or not, and what their members get of it', async () => {
    expect(await get<PoolViewDto>('/v1/pools/black')).toMatchObject({
      listeners: [{ listener: 'ends', policies: ['bare-black', 'to-black'], active: true }],
      members: [{ name: 'b4', listeners: [{ listener: 'ends', effective: 70 }] }],
    });
  });

  it('tell what each member gets in each listener', async () => {
    const blue = await get<PoolViewDto>('/v1/pools/blue');
    expect(blue).toMatchObject({
      declaredBy: 'Pool',
      algorithm: 'maglev',
      listeners: [{ listener: 'web', tier: 0, active: true }],
      members: [
        { name: 'b2', port: 8080, state: 'down', listeners: [{ listener: 'web', effective: 0 }] },
        { name: 'b1', state: 'up', listeners: [{ listener: 'web', effective: 100 }] },
      ],
    });
    expect((await get<PoolViewDto>('/v1/pools/green')).listeners).toEqual([
      { listener: 'api', tier: 0, active: true },
      { listener: 'new', tier: 0, active: false },
      { listener: 'web', tier: 1, active: false },
    ]);
  });

  it('of a Frontend go by its name and theirs', async () => {
    expect(await get('/v1/pools/short%2Fb~1c')).toMatchObject({
      declaredBy: 'Frontend',
      listeners: [{ listener: 'short', tier: 1, active: false }],
      members: [{ name: 'b1' }],
    });
    expect(await get('/v1/pools/web%2Fonly?project=lab')).toMatchObject({ project: 'lab', members: [] });
  });

  it('without a listener have the members that they name', async () => {
    expect((await get<PoolViewDto>('/v1/pools/unused')).members).toEqual([
      { name: 'b1', address: '10.0.0.1', state: 'up', listeners: [] },
      { name: 'b9', state: 'missing', listeners: [] },
    ]);
  });

  it.each(['none', 'short', 'short%2Fnone', 'a%2Fb%2Fc'])('are refused without one: %s', async (name) => {
    expect(await site.call(`/v1/pools/${name}`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

describe('a backend', () => {
  const post = (verb: string, body: object): Promise<Answer<DrainDto>> =>
    site.call<DrainDto>(`/v1/backends/b3/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  let seen: WeightRequest[];
  beforeAll(() => {
    seen = cast.playWeights();
  });

  it('is drained wherever it is a target, with who and why, and given back', async () => {
    const { status, body } = await post('drain', { reason: 'new kernel', expiresIn: '1h' });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        backend: 'b3',
        targets: [
          { listener: 'api', pool: 'green', weight: 0, effective: 0 },
          { listener: 'short', pool: 'a', weight: 0, effective: 0 },
        ],
      },
    });
    expect(seen).toMatchObject([
      { frontend: 'api', backend: 'b3', weight: 0, reason: 'new kernel', author: 'first-start' },
      { frontend: 'short', pool: 'a', weight: 0, expiresAt: expect.any(String) },
    ]);
    expect((await post('undrain', {})).body.targets.map(({ weight }) => weight)).toEqual([100, 100]);
    expect(seen.slice(2)).toMatchObject([{ weight: null }, { weight: null }]);
  });

  it('is drained in one listener', async () => {
    expect((await post('drain', { listener: 'api' })).body.targets.map(({ listener }) => listener)).toEqual([
      'api',
    ]);
    await post('undrain', { listener: 'api' });
  });

  it('is refused where it is no target', async () => {
    expect(await post('drain', { listener: 'web' })).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: expect.stringContaining('listener web has no target b3') },
    });
    expect(await site.call('/v1/backends/none/drain', { method: 'POST' })).toMatchObject({ status: 404 });
    expect(await post('drain', { expiresIn: '0s' })).toMatchObject({ status: 422 });
  });
});
