import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import { becomes } from './balance-site.js';
import { manifest, plugin, subscription } from './manifests.js';
import { emit, endedRun } from './site-activity.js';
import { SteadyClients } from './steady-clients.js';
import {
  backendsOf,
  connectCheck,
  DRIVERS,
  findListener,
  HAPROXY_ENV,
  localNode,
  type NamedServer,
  type Place,
  serves,
  Traffic,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

const ALL = { a: 100, b: 100, c: 100 };
const CHECKED = { healthcheck: 'connect' };
/** Requests that must all be answered after a decision, by so many clients at once. */
const [AFTER_DECISION, CLIENTS] = [60, 4];

/** A plugin that brings a Backend at the port of its fact, and puts it into the Pool `web`. */
const NEW_SERVER = `#!/usr/bin/env node
let input = '';
process.stdin.on('data', (text) => (input += text)).on('end', () => {
  const [event] = JSON.parse(input).spec.events;
  const name = event.subject;
  const apiVersion = 'balance.signalbox.dev/v1alpha1';
  const resources = [
    { apiVersion, kind: 'Backend', metadata: { name },
      spec: { address: event.payload.address, port: Number(event.payload.port), healthcheck: 'connect' } },
    { apiVersion, kind: 'PoolMember', metadata: { name: 'pool/web/' + name },
      spec: { poolRef: 'web', backendRef: name } },
  ];
  console.log(JSON.stringify({ apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'PluginResult',
    metadata: { name: 'new-server' }, status: { ttl: '1h', resources } }));
});
`;

describe.each(DRIVERS)('traffic on a node with the driver %s', (driver) => {
  const traffic = new Traffic();
  let servers: NamedServer[];
  let site: Site;
  let node: Resource;

  beforeAll(async () => {
    servers = await traffic.start(['a', 'b', 'c']);
    site = await Site.start({ env: HAPROXY_ENV });
    node = await localNode(driver);
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await traffic.close();
  }, 300_000);

  /** Makes these all the resources that there are besides the node and the check. */
  async function world(...resources: readonly Resource[]): Promise<void> {
    const text = manifest(node, connectCheck(), ...resources);
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply?set=world', text);
    expect([status, body.pending ?? false]).toEqual([200, false]);
  }

  /** One resource, answered when everything followed. */
  async function put(resource: Resource): Promise<void> {
    const { status, body } = await site.rest('POST', '/v1/apply', manifest(resource));
    expect({ status, body }).toMatchObject({ status: 200 });
  }

  /**
   * Of the two servers that are left: HAProxy goes by the places that they had when a third left, so that one of them may be
   * asked twice, once.
   */
  async function firstTurn(place: Place): Promise<void> {
    expect(Object.keys(await traffic.tally(place, 2))).not.toContain('b');
  }

  /** Stops and starts the second of three servers, and looks at what clients see. */
  async function followsHealth(place: Place): Promise<void> {
    const [, second] = servers as [NamedServer, NamedServer, NamedServer];
    const clients = new SteadyClients(place, CLIENTS);
    try {
      await second.stop();
      expect(await serves(site, 'web', { ...ALL, b: 0 })).toEqual(place);
      const without = await clients.next(AFTER_DECISION);
      // whoever got no answer would be nobody
      expect(Object.keys(without).sort()).toEqual(['a', 'c']);
      await becomes(site, 'b', 'down');
      expect(await findListener(site, 'web')).toMatchObject({ operatingStatus: 'degraded' });

      await second.start();
      expect(await serves(site, 'web', ALL)).toEqual(place);
      const again = await clients.next(AFTER_DECISION);
      expect(Object.keys(again).sort()).toEqual(['a', 'b', 'c']);
    } finally {
      await clients.stop();
    }
    await becomes(site, 'b', 'up');
    expect(await findListener(site, 'web')).toMatchObject({ operatingStatus: 'online' });
  }

  it('declared by YAML: 15 requests are 5/5/5, and follow the health of a server', async () => {
    await world(...backendsOf(servers, CHECKED), ...webListener({ a: {}, b: {}, c: {} }));
    const place = await serves(site, 'web', ALL);
    expect(await traffic.tally(place, 15)).toEqual({ a: 5, b: 5, c: 5 });
    await followsHealth(place);
  });

  it('declared by REST, one resource after the other: the same, and an edit that is answered holds', async () => {
    await world();
    await until(
      'the listener to be gone',
      async () => (await site.rest('GET', '/v1/listeners/web')).status === 404,
    );
    for (const one of [...backendsOf(servers, CHECKED), ...webListener()]) await put(one);
    const members = (...names: string[]) =>
      site.rest<ApplyAnswer>('PUT', '/v1/pools/web/members', {
        members: names.map((backendRef) => ({ backendRef })),
      });
    expect(await members('a', 'b', 'c')).toMatchObject({ status: 200, body: { changed: true } });
    const place = await serves(site, 'web', ALL);
    expect(await traffic.tally(place, 15)).toEqual({ a: 5, b: 5, c: 5 });
    await followsHealth(place);

    expect(await members('a', 'c')).toMatchObject({ status: 200 });
    expect(await serves(site, 'web', { a: 100, c: 100 })).toEqual(place);
    await firstTurn(place);
    expect(await traffic.tally(place, 10)).toEqual({ a: 5, c: 5 });
    expect(await members()).toMatchObject({ status: 200 });
    for (const name of [
      'Listener/web',
      'Pool/web',
      'LoadBalancer/web',
      'Backend/a',
      'Backend/b',
      'Backend/c',
    ])
      expect(await site.rest('DELETE', `/v1/resources/${name}`)).toMatchObject({ status: 200 });
    await until('nobody to listen', async () => !(await traffic.isOpen(place)));
  });

  it('brought by the part of a plugin: the same', async () => {
    const [first, , third] = servers as [NamedServer, NamedServer, NamedServer];
    await world(...backendsOf([first, third], CHECKED), ...webListener({ a: {}, c: {} }));
    await site.apply(
      manifest(
        plugin('new-server', await site.addPlugin('new-server', NEW_SERVER)),
        subscription('servers', 'server.seen', 'new-server'),
      ),
    );
    await serves(site, 'web', { a: 100, c: 100 });
    const { address, port } = servers[1]!;
    await emit(site, {
      id: 'b-1',
      type: 'server.seen',
      subject: 'b',
      payload: { address, port: String(port) },
    });
    expect(await endedRun(site, 'servers', 'b-1')).toMatchObject({ state: 'succeeded' });
    const place = await serves(site, 'web', ALL);
    expect(await traffic.tally(place, 15)).toEqual({ a: 5, b: 5, c: 5 });
    await followsHealth(place);
    expect(await site.cli('delete', 'EventSubscription', 'servers')).toMatchObject({ code: 0, stderr: '' });
    await serves(site, 'web', { a: 100, c: 100 });
    await firstTurn(place);
    expect(await traffic.tally(place, 10)).toEqual({ a: 5, c: 5 });
  });
});
