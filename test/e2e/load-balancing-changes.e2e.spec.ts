import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  NODE_KEYS,
  type NodeListener,
  type NodeManifest,
  nodeSubject,
  NODES_STREAM,
  type Resource,
} from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import type { Problem } from '@signalbox/runtime';
import { applyWorld, backend, command, frontend } from './balance-site.js';
import { manifest } from './manifests.js';
import {
  backendsOf,
  findListener,
  localNode,
  NamedServer,
  nodeMetric,
  placeOf,
  serves,
  staysSo,
  Traffic,
  VIP,
} from './traffic.js';

jest.setTimeout(300_000);

/** The node compares its data plane with the desired state once a second: in this time it does so twice. Milliseconds. */
const TWO_SYNCS_MS = 2500;
const VIP_PORT = { address: VIP, protocol: 'tcp', port: 80, algorithm: 'round-robin' } as const;

describe('changes of what a node with the driver sim serves', () => {
  const traffic = new Traffic();
  let servers: NamedServer[];
  let site: Site;
  let nats: RawNats;
  let node: Resource;

  beforeAll(async () => {
    servers = await traffic.start(['a', 'b']);
    site = await Site.start();
    nats = await site.rawNats();
    node = await localNode('sim', { syncInterval: '1s' });
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
    await traffic.close();
  }, 300_000);

  const web = (pools: Parameters<typeof frontend>[1], change: object = {}): Resource =>
    frontend('web', pools, { ...VIP_PORT, ...change });
  const both = (change: object = {}): Resource[] => [
    ...backendsOf(servers),
    web({ all: { a: 100, b: 100 } }, change),
    node,
  ];
  const writes = () => nodeMetric(site, 'signalbox_lb_writes_total');

  async function storedUnder<T>(key: string): Promise<T> {
    const question = JSON.stringify({ last_by_subj: nodeSubject(key) });
    const answer = await nats.request(`$JS.API.STREAM.MSG.GET.${NODES_STREAM}`, question);
    const { message } = JSON.parse(answer) as { message: { data: string } };
    return JSON.parse(Buffer.from(message.data, 'base64').toString()) as T;
  }

  /** What the node was told of `web` last. */
  async function told(): Promise<{ generation: number; web: NodeListener }> {
    const { generation, listeners } = await storedUnder<NodeManifest>(NODE_KEYS.manifest('local'));
    const { key } = listeners.find(({ name }) => name === 'web')!;
    return { generation, web: await storedUnder<NodeListener>(key) };
  }

  it('R4 a backend whose address was edited gets its traffic at the new one', async () => {
    const [first] = servers as [NamedServer, NamedServer];
    const moved = await NamedServer.start('moved', '127.0.0.2', first.port);
    try {
      await applyWorld(site, ...both());
      const place = await serves(site, 'web', { a: 100, b: 100 });
      expect(await traffic.tally(place, 6)).toEqual({ a: 3, b: 3 });
      const [, second] = backendsOf(servers) as [Resource, Resource];
      const edited = backend('a', moved.address, { port: moved.port });
      await applyWorld(site, edited, second, web({ all: { a: 100, b: 100 } }), node);
      await until('the new address', async () =>
        (await told()).web.targets.some(({ address }) => address === moved.address),
      );
      expect(await placeOf(site, 'web')).toEqual(place);
      expect(await traffic.tally(place, 6)).toEqual({ moved: 3, b: 3 });
    } finally {
      await moved.stop();
    }
  });

  it('R5 all backends go from IPv4 to IPv6 and back, and the listener serves', async () => {
    const six = await traffic.start(['a6', 'b6'], '::1');
    await applyWorld(site, ...both());
    const place = await serves(site, 'web', { a: 100, b: 100 });
    await applyWorld(
      site,
      ...['a', 'b'].map((name, at) => backend(name, '::1', { port: six[at]!.port })),
      web({ all: { a: 100, b: 100 } }),
      node,
    );
    await until('the new addresses', async () =>
      (await told()).web.targets.every(({ address }) => address === '::1'),
    );
    expect(await placeOf(site, 'web')).toEqual(place);
    expect(await traffic.tally(place, 6)).toEqual({ a6: 3, b6: 3 });
    await applyWorld(site, ...both());
    await until('the old addresses', async () =>
      (await told()).web.targets.every(({ address }) => address === '127.0.0.1'),
    );
    expect(await placeOf(site, 'web')).toEqual(place);
    expect(await traffic.tally(place, 6)).toEqual({ a: 3, b: 3 });
  });

  it('R6 R7 a standby with connections that is disabled is cut once, and what is as it shall be is not written', async () => {
    const [, standby] = servers as [NamedServer, NamedServer];
    await applyWorld(
      site,
      ...backendsOf(servers),
      web({ primary: { a: 100 }, spare: { b: 100 } }, { srcIpSticky: true }),
      node,
    );
    await command(site, 'a', 'disable');
    const place = await serves(site, 'web', { a: 0, b: 100 });
    const standing = await traffic.connect(place);
    expect(await standing.ask()).toBe('b');
    await command(site, 'a', 'enable');
    await serves(site, 'web', { a: 100, b: 0 });
    expect([await standing.ask(), standby.standing]).toEqual(['b', 1]);

    const ofStandby = async () => (await told()).web.targets.find(({ port }) => port === standby.port);
    const { flushes: before } = (await ofStandby())!;
    await command(site, 'b', 'disable');
    await until('the connection to be cut', () => standing.closed && standby.standing === 0);
    await serves(site, 'web', { a: 100, b: 0 });
    expect(await ofStandby()).toMatchObject({ flushes: before + 1, flush: true, weight: 0 });
    expect(await traffic.ask(place)).toBe('a');

    const other = await traffic.connect(place);
    expect(await other.ask()).toBe('a');
    const written = await writes();
    await staysSo(
      'nothing to be written or cut',
      async () => (await writes()) === written && !other.closed,
      TWO_SYNCS_MS,
    );
    expect(await ofStandby()).toMatchObject({ flushes: before + 1 });
    expect(await other.ask()).toBe('a');
    await command(site, 'b', 'enable');
  });

  it('R16 srcIpSticky that is flipped changes the listener once', async () => {
    await applyWorld(site, ...both());
    const place = await serves(site, 'web', { a: 100, b: 100 });
    expect(await traffic.tally(place, 6)).toEqual({ a: 3, b: 3 });
    const { generation } = await told();
    await applyWorld(site, ...both({ srcIpSticky: true }));
    await until('the affinity', async () => (await told()).web.affinity);
    expect(await placeOf(site, 'web')).toEqual(place);
    const home = await traffic.ask(place);
    expect(await traffic.tally(place, 6)).toEqual({ [home ?? 'nobody']: 6 });
    const written = await writes();
    await staysSo('nothing to be written', async () => (await writes()) === written, TWO_SYNCS_MS);
    expect((await told()).generation).toBe(generation + 1);
    expect((await findListener(site, 'web')).nodes).toMatchObject([{ generation: generation + 1 }]);
  });

  it('R21 all ports of a VIP that has a port is refused, and traffic goes on', async () => {
    await applyWorld(site, ...both());
    const place = await serves(site, 'web', { a: 100, b: 100 });
    const { generation } = await told();
    const every = frontend('every', { all: { a: 100 } }, { address: VIP });
    const { status, body } = await site.rest<Problem>('POST', '/v1/apply', manifest(every));
    expect({ status, code: body.code, errors: body.errors }).toMatchObject({
      status: 422,
      code: 'validation-failed',
      errors: [{ pointer: '/0/spec/address', message: expect.stringContaining('exclude each other') }],
    });
    expect(await traffic.tally(place, 6)).toEqual({ a: 3, b: 3 });
    expect((await told()).generation).toBe(generation);
  });
});
