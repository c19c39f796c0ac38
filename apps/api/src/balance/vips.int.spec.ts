import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListenerPlacement, NodeVipReport, VipRecord } from '@signalbox/contracts';
import { SUBJECTS } from '@signalbox/contracts';
import { frontendsProjection, nodesProjection, vipsProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, configured, target } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { NodeDto, NodeItemDto } from './nodes.dto.js';
import type { VipDto } from './vips.dto.js';

const START_MS = 300_000;
const LATER = '2026-01-01T00:00:01.000Z';
let site: ApiSite;
let cast: BalanceCast;

const vip = (address: string, more: Partial<NodeVipReport> = {}): NodeVipReport => ({
  ...{ address, announcement: 'edge', method: 'bird', state: 'announced', since: AT },
  ...more,
});
const leased = (
  kind: 'VipClaim' | 'LoadBalancer' | 'Frontend',
  name: string,
  address: string,
): VipRecord => ({
  ...{
    type: 'leased',
    at: AT,
    holder: { kind, name },
    address,
    pool: address.includes(':') ? 'six' : 'edge',
  },
  project: name.startsWith('lab/') ? 'lab' : 'default',
});

/** Where each listener is. */
const PLACEMENTS: readonly ListenerPlacement[] = [
  { listener: 'off', nodes: [], unplaced: 'it is not enabled' },
  { listener: 'web', nodes: [{ node: 'n1', driver: 'sim', generation: 1, digest: 'd' }] },
];

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  cast.answer(SUBJECTS.ask('balancer', 'placement'), () => ({ listeners: PLACEMENTS }));
  for (const node of ['n1', 'old']) cast.answer(SUBJECTS.askNode(node, 'usage'), () => ({}));
  const lab = configured('LoadBalancer', 'shop', { vipClaim: 'shop' });
  const labListener = configured('Listener', 'shop', {
    loadBalancer: 'shop',
    protocol: 'tcp',
    port: 80,
    pools: ['p'],
  });
  const ofLab = [lab, labListener, configured('Pool', 'p', {})].map((one) => ({
    ...one,
    resource: { ...one.resource, metadata: { ...one.resource.metadata, project: 'lab' } },
  }));
  await cast.configure(
    configured('Announcement', 'edge', { method: 'bird', vipPools: ['edge'] }),
    configured('LoadBalancer', 'web', { address: '192.0.2.10' }),
    configured('Pool', 'blue', { backends: { b1: {}, b2: {}, b3: {} } }),
    configured('Listener', 'web', { loadBalancer: 'web', protocol: 'tcp', port: 80, pools: ['blue'] }),
    configured('Listener', 'dns', { loadBalancer: 'web', protocol: 'udp', port: 53, pools: ['blue'] }),
    configured('Frontend', 'off', { address: '192.0.2.9', protocol: 'tcp', port: 1, pools: [{ name: 'a' }] }),
    configured('Frontend', 'out', {
      address: '203.0.113.1',
      protocol: 'tcp',
      port: 1,
      pools: [{ name: 'a' }],
    }),
    configured('Frontend', 'six', {
      address: '2001:DB8::0010',
      protocol: 'tcp',
      port: 1,
      pools: [{ name: 'a' }],
    }),
    ...ofLab,
  );
  for (const one of ['b1', 'b2', 'b3']) await cast.backend(one, 'up');
  const targets = [target('blue', 'b1'), target('blue', 'b2'), target('blue', 'b3', 0)];
  await cast.frontend('web', { activePool: 'blue', targets });
  await cast.frontend('dns', { activePool: 'blue', targets });
  for (const one of ['off', 'out', 'six']) await cast.frontend(one, { activePool: 'a' });
  await cast.readable(frontendsProjection, await cast.frontend('lab/shop', { activePool: 'p' }));
  const granted = await cast.vips(
    leased('LoadBalancer', 'web', '192.0.2.10'),
    leased('Frontend', 'off', '192.0.2.9'),
    leased('Frontend', 'six', '2001:db8::10'),
    leased('VipClaim', 'lab/shop', '192.0.2.20'),
  );
  await cast.readable(vipsProjection, granted);
  await cast.node('n1', {
    trafficDigest: 'd1',
    vips: [vip('192.0.2.10', { to: ['r1'] }), vip('192.0.2.11'), vip('192.0.2.20')],
    peers: [
      { name: 'r1', state: 'up', since: AT, bfd: 'up' },
      { name: 'r2', state: 'down', since: AT, why: 'no route to host' },
    ],
  });
  const drained = { state: 'withdrawn', since: LATER, why: 'the node is drained' } as const;
  await cast.node('n1', {
    trafficDigest: 'd2',
    vipCounts: { announced: 1, all: 2 },
    goneVips: ['192.0.2.11'],
    vips: [vip('192.0.2.20', drained)],
  });
  const standby = { method: 'vrrp', state: 'standby', why: 'n1 leads it' } as const;
  const seq = await cast.node('n2', {
    drained: true,
    vipCounts: { announced: 0, all: 2 },
    vips: [vip('192.0.2.10', { state: 'withdrawn', why: 'the node is drained' }), vip('192.0.2.20', standby)],
  });
  await cast.node('old', { vips: [vip('192.0.2.99')], peers: [{ name: 'r1', state: 'up', since: AT }] });
  await cast.readable(nodesProjection, Math.max(seq, await cast.node('old', { whole: true })));
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

describe('VIPs', () => {
  it('are those that are declared, held or told of, in the order of addresses, page by page', async () => {
    const items = await paged<VipDto>(site, '/v1/vips', 2);
    expect(items.map(({ address }) => address)).toEqual([
      ...['192.0.2.9', '192.0.2.10', '192.0.2.20', '203.0.113.1', '2001:db8::10'],
    ]);
  });

  it('say who announces each, to whom, and what serves it', async () => {
    const { body } = await site.call<VipDto>('/v1/vips/192.0.2.10');
    const served = { activePool: 'blue', usableTargets: 2, targets: 3 };
    expect(body).toMatchObject({
      address: '192.0.2.10',
      listeners: [
        { name: 'dns', protocol: 'udp', port: 53, ...served },
        { name: 'web', protocol: 'tcp', port: 80, ...served },
      ],
      nodes: [
        { node: 'n1', announcement: 'edge', method: 'bird', state: 'announced', since: AT, to: ['r1'] },
        { node: 'n2', silent: true, state: 'withdrawn', why: 'the node is drained' },
      ],
    });
    expect(body.why).toBeUndefined();
    expect(body.nodes[0]).not.toHaveProperty('silent');
  });

  it.each([
    ['192.0.2.9', 'off: it is not enabled'],
    ['192.0.2.20', 'n1: the node is drained; n2: n1 leads it'],
    ['203.0.113.1', 'it lies in no VipPool, and nothing else is announced'],
    ['2001:DB8:0::10', 'no Announcement is for VipPool/six'],
  ])('say why nobody announces %s', async (address, why) => {
    expect((await site.call<VipDto>(`/v1/vips/${address}`)).body).toMatchObject({ why });
  });

  it('of a project are those at which it has something', async () => {
    const items = await paged<VipDto>(site, '/v1/vips?project=lab', 2);
    expect(items).toMatchObject([{ address: '192.0.2.20', listeners: [{ name: 'shop', project: 'lab' }] }]);
    expect(await site.call('/v1/vips/192.0.2.10?project=lab')).toMatchObject({ status: 404 });
  });

  it.each(['192.0.2.99', 'web', '::'])('are refused when there is none: %s', async (address) => {
    expect(await site.call(`/v1/vips/${address}`)).toMatchObject({
      ...{ status: 404, body: { code: 'not-found' } },
    });
  });

  it('are not continued behind what is no place among them', async () => {
    const after = Buffer.from('["web"]').toString('base64url');
    expect(await site.call(`/v1/vips?after=${after}`)).toMatchObject({
      ...{ status: 422, body: { code: 'validation-failed' } },
    });
  });
});

describe('nodes', () => {
  it('count their VIPs and routers, and say what they do by a digest', async () => {
    const items = await paged<NodeItemDto>(site, '/v1/nodes', 10);
    expect(items).toMatchObject([
      {
        ...{ name: 'n1', trafficDigest: 'd2' },
        ...{ vipCounts: { announced: 1, all: 2 }, peerCounts: { up: 1, all: 2 } },
      },
      { name: 'n2', silent: true, drained: true, vipCounts: { announced: 0, all: 2 } },
      { name: 'old', vipCounts: { announced: 0, all: 0 } },
    ]);
    expect(items.map(({ peerCounts }) => peerCounts !== undefined)).toEqual([true, false, false]);
  });

  it('tell of each', async () => {
    const { body } = await site.call<NodeDto>('/v1/nodes/n1');
    expect(body.vips.map(({ address, state }) => [address, state])).toEqual([
      ['192.0.2.10', 'announced'],
      ['192.0.2.20', 'withdrawn'],
    ]);
    expect(body.peers).toEqual([
      { name: 'r1', state: 'up', since: AT, bfd: 'up' },
      { name: 'r2', state: 'down', since: AT, why: 'no route to host' },
    ]);
  });
});
