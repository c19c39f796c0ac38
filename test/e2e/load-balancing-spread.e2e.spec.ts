import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Algorithm, Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import { Datagrams, tallied } from '../../apps/dataplane-agent/src/drivers/named-datagrams.fixture.js';
import { applyWorld, backend, command, findFrontend, frontend } from './balance-site.js';
import {
  backendsOf,
  balance,
  findListener,
  type LineClient,
  type NamedServer,
  placeOf,
  serves,
  Traffic,
  VIP,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

/** Clients of a network that only tests have, so that their ports are free. */
const CLIENT_ADDRESSES = Array.from({ length: 600 }, (_none, index) => ({
  address: `127.9.${index >> 8}.${index & 255}`,
  port: 20_000 + (index % 7),
}));
/** How far a share of hashed clients may be from its weight: six standard deviations of the smallest, 120 of 600. */
const STRAY = 0.5;
const WEIGHTS = { a: 50, b: 20, c: 30 };
const MEMBERS = { a: { weight: 50 }, b: { weight: 20 }, c: { weight: 30 } };

describe('how traffic is spread through a site with the driver sim', () => {
  const traffic = new Traffic();
  let servers: NamedServer[];
  let site: Site;

  beforeAll(async () => {
    servers = await traffic.start(['a', 'b', 'c']);
    site = await Site.start();
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await traffic.close();
  }, 300_000);

  const web = (algorithm: Algorithm, members: Readonly<Record<string, object>>): Resource[] => [
    ...backendsOf(servers),
    ...webListener(members, { pool: { algorithm } }),
  ];

  it('round robin with weights 50/20/30: 300 connections are 150/60/90', async () => {
    await applyWorld(site, ...web('round-robin', MEMBERS));
    const place = await serves(site, 'web', WEIGHTS);
    expect(await traffic.tally(place, 300)).toEqual({ a: 150, b: 60, c: 90 });
  });

  it.each<Algorithm>(['source-hash', 'maglev'])(
    '%s with weights 50/20/30: 600 clients are shared out by weight, and stay where they are',
    async (algorithm) => {
      await applyWorld(site, ...web(algorithm, MEMBERS));
      const place = await serves(site, 'web', WEIGHTS);
      const homes: string[] = [];
      for (const client of CLIENT_ADDRESSES) homes.push((await traffic.ask(place, client)) ?? 'nobody');
      const counts = tallied(homes);
      expect(Object.keys(counts).sort()).toEqual(['a', 'b', 'c']);
      for (const [name, weight] of Object.entries(WEIGHTS)) {
        const share = (CLIENT_ADDRESSES.length * weight) / 100;
        expect(Math.abs((counts[name] ?? 0) - share) / share).toBeLessThan(STRAY);
      }
      for (const [at, client] of CLIENT_ADDRESSES.slice(0, 30).entries())
        expect(await traffic.ask(place, client)).toBe(homes[at]);
    },
  );

  it('R9 maglev: two listeners whose pools name the same targets in another order have one table', async () => {
    const { a, b, c } = MEMBERS;
    const again = [
      balance('Pool', 'turned', { algorithm: 'maglev', backends: { c, a, b } }),
      balance('LoadBalancer', 'twin', { address: '192.0.2.11' }),
      balance('Listener', 'twin', { loadBalancer: 'twin', protocol: 'tcp', port: 80, pools: ['turned'] }),
    ];
    await applyWorld(site, ...web('maglev', MEMBERS), ...again);
    const [place, twin] = [await placeOf(site, 'web'), await placeOf(site, 'twin')];
    const digests = await Promise.all(
      ['web', 'twin'].map(async (name) => (await findListener(site, name)).nodes[0]?.tableDigest),
    );
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
    for (const client of CLIENT_ADDRESSES.slice(0, 60))
      expect(await traffic.ask(twin, client)).toBe(await traffic.ask(place, client));
  });

  it('R9 maglev: two agents have one table, and send a client to the same server', async () => {
    const both = ['edge', 'local'].map((name) =>
      balance('Node', name, { driver: 'sim', startupMinDelay: '0s', startupMaxDelay: '0s' }),
    );
    await applyWorld(site, ...web('maglev', MEMBERS), ...both);
    const agent = await site.startService('dataplane-agent', {
      SIGNALBOX_LB_NODE: 'edge',
      SIGNALBOX_STATE_DIR: join(site.stateDir, 'edge'),
    });
    await placeOf(site, 'web');
    const { nodes, digestsAgree } = await findListener(site, 'web');
    expect(nodes.map(({ node }) => node)).toEqual(['edge', 'local']);
    expect(digestsAgree).toBe(true);
    const [edgeAt, localAt] = nodes.map(({ listensAt }) => listensAt!);
    expect(edgeAt).not.toEqual(localAt);
    for (const client of CLIENT_ADDRESSES.slice(0, 60))
      expect(await traffic.ask(edgeAt!, client)).toBe(await traffic.ask(localAt!, client));
    await applyWorld(site, ...web('maglev', MEMBERS));
    await until(
      'the node edge to serve no more',
      async () => (await findListener(site, 'web')).nodes.length === 1,
    );
    await agent.end('SIGTERM');
  });

  it('least connections: who has the fewest gets the next ones', async () => {
    await applyWorld(site, ...web('least-connections', { a: {}, b: {}, c: {} }));
    const place = await serves(site, 'web', { a: 100, b: 100, c: 100 });
    const open = async (count: number): Promise<{ client: LineClient; name: string | undefined }[]> => {
      const opened = [];
      for (let at = 0; at < count; at += 1) {
        const client = await traffic.connect(place);
        opened.push({ client, name: await client.ask() });
      }
      return opened;
    };
    const namesOf = (opened: { name: string | undefined }[]) =>
      tallied(opened.map(({ name }) => name ?? 'nobody'));
    const standing = await open(9);
    expect(namesOf(standing)).toEqual({ a: 3, b: 3, c: 3 });
    const ended = standing.filter(({ name }) => name === 'b');
    await Promise.all(ended.map(({ client }) => client.end()));
    await until('its connections to be gone', () => servers[1]!.standing === 0);
    expect(namesOf(await open(3))).toEqual({ b: 3 });
  });

  describe('of UDP', () => {
    const datagrams = new Datagrams();
    afterEach(() => datagrams.close());

    it('15 flows are 5/5/5, and each stays where it is', async () => {
      const responders = await datagrams.start(['u1', 'u2', 'u3']);
      const members = Object.fromEntries(responders.map(({ name }) => [name, {}]));
      await applyWorld(
        site,
        ...responders.map(({ name, address, port }) => backend(name, address, { port })),
        ...webListener(members, { listener: { protocol: 'udp', port: 53 } }),
      );
      const place = await serves(site, 'web', { u1: 100, u2: 100, u3: 100 });
      const flows = await datagrams.flows(place, 15);
      expect(tallied(flows.map(({ name }) => name))).toEqual({ u1: 5, u2: 5, u3: 5 });
      for (const { client, name } of flows) expect(await client.ask()).toBe(name);
    });
  });

  it('R13 with all effective weights 0 the frontend is down, though its backends are up, and nobody is let in', async () => {
    await applyWorld(site, ...web('round-robin', { a: {}, b: {}, c: {} }));
    const place = await serves(site, 'web', { a: 100, b: 100, c: 100 });
    const standing = await traffic.connect(place);
    const home = await standing.ask();
    await applyWorld(site, ...web('round-robin', { a: { weight: 0 }, b: { weight: 0 }, c: { weight: 0 } }));
    expect(await serves(site, 'web', { a: 0, b: 0, c: 0 })).toEqual(place);
    const { state, pools } = await findListener(site, 'web');
    expect(state).toBe('down');
    expect(pools[0]?.backends.map((target) => target.state)).toEqual(['up', 'up', 'up']);
    expect(await traffic.tally(place, 6)).toEqual({ nobody: 6 });
    expect(await standing.ask()).toBe(home);
  });

  describe('from one static backend to another', () => {
    it('14-16 the primary serves; disabled, the fallback at once; enabled, the primary again', async () => {
      const [primary, fallback] = servers as [NamedServer, NamedServer];
      await applyWorld(
        site,
        backend('static-primary', primary.address, { port: primary.port }),
        backend('static-fallback', fallback.address, { port: fallback.port }),
        frontend(
          'failover-vip',
          { primary: { 'static-primary': 100 }, fallback: { 'static-fallback': 100 } },
          { address: VIP, protocol: 'tcp', port: 8080 },
        ),
      );
      const place = await serves(site, 'failover-vip', { 'static-primary': 100, 'static-fallback': 0 });
      expect(await traffic.tally(place, 6)).toEqual({ a: 6 });
      const standing = await traffic.connect(place);
      expect(await standing.ask()).toBe('a');

      await command(site, 'static-primary', 'disable');
      expect(await findFrontend(site, 'failover-vip')).toMatchObject({ activePool: 'fallback' });
      await serves(site, 'failover-vip', { 'static-primary': 0, 'static-fallback': 100 });
      expect(await traffic.tally(place, 6)).toEqual({ b: 6 });
      expect(await standing.ask()).toBeUndefined();

      await command(site, 'static-primary', 'enable');
      await serves(site, 'failover-vip', { 'static-primary': 100, 'static-fallback': 0 });
      expect(await traffic.tally(place, 6)).toEqual({ a: 6 });
    });
  });
});
