import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import type { Problem } from '@signalbox/runtime';
import type { NodeDetail } from '../../apps/cli/src/rest/answers.js';
import { applyWorld, backend, becomes } from './balance-site.js';
import { manifest } from './manifests.js';
import { SteadyClients } from './steady-clients.js';
import {
  backendsOf,
  balance,
  DRIVERS,
  findListener,
  HAPROXY_ENV,
  localNode,
  type NamedServer,
  type Place,
  placeOf,
  serves,
  Traffic,
  VIP,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

const ALL = { a: 100, b: 100, c: 100 };
const MEMBERS = { a: {}, b: {}, c: {} };
const BUSY_VIP = '192.0.2.12';
/** Requests that must be answered after each refusal, by so many clients at once. */
const [AFTER_REFUSAL, CLIENTS] = [30, 2];

describe.each(DRIVERS)('bad input beside traffic on a node with the driver %s', (driver) => {
  const traffic = new Traffic();
  let servers: NamedServer[];
  let busy: NamedServer;
  let site: Site;
  let good: Resource[];
  let place: Place;
  let clients: SteadyClients;

  beforeAll(async () => {
    servers = await traffic.start(Object.keys(ALL));
    [busy] = (await traffic.start(['busy'])) as [NamedServer];
    site = await Site.start({ env: HAPROXY_ENV });
    const node = await localNode(driver, { syncInterval: '1s' }, [
      { vip: BUSY_VIP, port: 80, listen: busy.address, listenPort: busy.port },
      { vip: VIP, port: 81, listen: '127.0.0.1', listenPort: await freePort() },
    ]);
    good = [...backendsOf(servers), ...webListener(MEMBERS), node];
    await applyWorld(site, ...good);
    place = await serves(site, 'web', ALL);
    clients = new SteadyClients(place, CLIENTS);
  }, 300_000);

  afterAll(async () => {
    await clients?.stop();
    await site?.stop();
    await traffic.close();
  }, 300_000);

  afterEach(async () => {
    expect(await clients.next(AFTER_REFUSAL)).toEqual({
      a: expect.any(Number),
      b: expect.any(Number),
      c: expect.any(Number),
    });
    expect(clients.failed).toBe(0);
  });

  it('a listener on a busy port is refused by the node, and served as soon as the port is free', async () => {
    const late = [
      balance('LoadBalancer', 'late', { address: BUSY_VIP }),
      balance('Listener', 'late', { loadBalancer: 'late', protocol: 'tcp', port: 80, pools: ['web'] }),
    ];
    await applyWorld(site, ...good, ...late);
    const refused = await until('the refusal', async () => {
      const listener = await findListener(site, 'late');
      return listener.provisioningStatus === 'error' && listener;
    });
    expect(refused).toMatchObject({
      provisioningReason: expect.stringContaining(String(busy.port)),
      operatingStatus: 'offline',
      nodes: [{ node: 'local', state: 'refused', current: false, error: { code: 'listen-failed' } }],
    });
    const node = await site.rest<NodeDetail>('GET', '/v1/nodes/local');
    expect(node.body).toMatchObject({ state: 'ready', refused: 1 });
    expect(node.body.listeners.map(({ listener, state }) => [listener, state])).toEqual([
      ['late', 'refused'],
      ['web', 'applied'],
    ]);
    expect(await findListener(site, 'web')).toMatchObject({ provisioningStatus: 'active' });

    await busy.stop();
    const late80 = await placeOf(site, 'late');
    expect(late80).toEqual({ address: busy.address, port: busy.port });
    expect(Object.keys(await traffic.tally(late80, 6)).sort()).toEqual(['a', 'b', 'c']);
    await applyWorld(site, ...good);
  });

  it('a listener whose backends shall answer clients themselves is refused by the node, which says why', async () => {
    const direct = [
      backend('direct', '10.9.9.9', { port: 82 }),
      balance('Pool', 'direct', { algorithm: 'source-hash', backends: { direct: {} } }),
      balance('Listener', 'direct', {
        ...{ loadBalancer: 'web', protocol: 'tcp', port: 82, pools: ['direct'], forwarding: 'dsr' },
      }),
    ];
    await applyWorld(site, ...good, ...direct);
    const refused = await until('the refusal', async () => {
      const listener = await findListener(site, 'direct');
      return listener.provisioningStatus === 'error' && listener;
    });
    expect(refused).toMatchObject({
      forwarding: 'dsr',
      provisioningReason: expect.stringContaining('no direct server return'),
      nodes: [{ node: 'local', state: 'refused', error: { code: 'data-plane-refused' } }],
    });
    await applyWorld(site, ...good);
  });

  it('a listener whose pool has no member is applied and offline, and serves as soon as one comes', async () => {
    const bare = [
      balance('Pool', 'bare', {}),
      balance('Listener', 'bare', { loadBalancer: 'web', protocol: 'tcp', port: 81, pools: ['bare'] }),
    ];
    await applyWorld(site, ...good, ...bare);
    const bare81 = await placeOf(site, 'bare');
    expect(await findListener(site, 'bare')).toMatchObject({
      operatingStatus: 'offline',
      operatingReason: 'it has no targets',
    });
    expect(await traffic.tally(bare81, 3)).toEqual({ nobody: 3 });
    const members = (list: readonly object[]) =>
      site.rest('PUT', '/v1/pools/bare/members', { members: list });
    expect(await members([{ backendRef: 'b' }])).toMatchObject({ status: 200 });
    expect(await serves(site, 'bare', { b: 100 })).toEqual(bare81);
    expect(await traffic.tally(bare81, 3)).toEqual({ b: 3 });
    expect(await members([])).toMatchObject({ status: 200 });
    await applyWorld(site, ...good);
  });

  it.each<[string, Resource[], string, string]>([
    [
      'a pool with an empty list of members',
      [balance('Pool', 'none', { backends: {} })],
      '/0/spec/backends',
      '',
    ],
    [
      'a member of another address family',
      [backend('six', '::1', { port: 80 }), balance('Pool', 'web', { backends: { ...MEMBERS, six: {} } })],
      '/1/spec/backends/six',
      'ipv6',
    ],
    [
      'a listener whose backends shall answer clients themselves by turns',
      [
        balance('Pool', 'turns', {}),
        balance('Listener', 'turns', {
          ...{ loadBalancer: 'web', protocol: 'tcp', port: 83, pools: ['turns'], forwarding: 'dsr' },
        }),
      ],
      '/1/spec/pools/0',
      'forwarding dsr needs source-hash or maglev',
    ],
    [
      'a backend that shall answer clients itself with a port of its own',
      [
        backend('other', '10.9.9.8', { port: 8080 }),
        balance('Pool', 'hashed', { algorithm: 'maglev', backends: { other: {} } }),
        balance('Listener', 'hashed', {
          ...{ loadBalancer: 'web', protocol: 'tcp', port: 83, pools: ['hashed'], forwarding: 'dsr' },
        }),
      ],
      '/1/spec/backends/other',
      'has port 8080, but forwarding dsr needs that of the listener: 83',
    ],
    [
      'a circle of references',
      [backend('c1', '10.0.1.1', { dependsOn: ['c2'] }), backend('c2', '10.0.1.2', { dependsOn: ['c1'] })],
      '/0/spec/dependsOn/0',
      'c1 → c2 → c1',
    ],
  ])('%s is refused with its pointer', async (_what, resources, pointer, message) => {
    const { status, body } = await site.rest<Problem>('POST', '/v1/apply', manifest(...resources));
    expect({ status, code: body.code, errors: body.errors }).toMatchObject({
      status: 422,
      code: 'validation-failed',
      errors: expect.arrayContaining([{ pointer, message: expect.stringContaining(message) }]),
    });
    expect(await placeOf(site, 'web')).toEqual(place);
  });

  it('a thousand members of which three are bad are refused as a whole, each with its pointer', async () => {
    const list = Array.from({ length: 1000 }, (_none, at) => ({ backendRef: `m${at}`, weight: 1 }));
    const many = list.map(({ backendRef }, at) =>
      backend(backendRef, `10.9.${at >> 8}.${at & 255}`, { port: 80 }),
    );
    // whoever follows later than the answer has followed when the last one is known
    await site.apply(manifest(...many));
    await becomes(site, 'm999', 'up');
    const members = list
      .with(3, { backendRef: 'm3', weight: 101 })
      .with(500, { backendRef: 'nowhere', weight: 1 })
      .with(999, { backendRef: 'm0', weight: 1 });
    const refused = await site.rest<Problem>('PUT', '/v1/pools/web/members', { members });
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(refused.body.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/members/3/weight',
      '/members/500/backendRef',
      '/members/999/backendRef',
    ]);
    expect(await serves(site, 'web', ALL)).toEqual(place);
  });
});
