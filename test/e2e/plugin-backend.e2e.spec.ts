import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BALANCE_API } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import {
  backend,
  type BackendDetail,
  becomes,
  findBackend,
  findFrontend,
  webCheck,
  weighs,
} from './balance-site.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { activePart, emit, endedRun, partsOf } from './site-activity.js';
import { expectSilence, WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const ADDRESS = '127.20.30.11';
/** Several intervals, in which a probe would have come. */
const SILENT_MS = 500;

/** Turns a fact {subject, payload: {address}} into a Backend named after the subject and its place in a pool. */
function newServer(ttl: string): string {
  const [name, vip] = ['\\1', 'web-vip'];
  const resources = [
    {
      apiVersion: BALANCE_API,
      kind: 'Backend',
      metadata: { name },
      spec: { address: '\\2', healthcheck: 'web' },
    },
    {
      apiVersion: BALANCE_API,
      kind: 'PoolMember',
      metadata: { name: `${vip}/${name}` },
      spec: { frontendRef: vip, pool: 'primary', backendRef: name, weight: 70 },
    },
  ];
  const result = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'new-server' },
    status: { ttl, resources },
  };
  const text = JSON.stringify(result).replaceAll('\\\\', '\\');
  return `#!/bin/sh
exec sed -E 's|.*"subject":"([^"]*)".*"payload":[{]"address":"([^"]*)"[}].*|${text}|'
`;
}

describe('a backend that a plugin brings', () => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(ADDRESS);
    site = await Site.start();
    const pools = [{ name: 'primary' }, { name: 'fallback', backends: { reserve: {} } }];
    await site.apply(
      manifest(
        webCheck(servers.port),
        backend('reserve', '192.0.2.11'),
        resource(BALANCE_API, 'Frontend', 'web-vip', { address: '192.0.2.1', pools }),
        plugin('new-server', await site.addPlugin('new-server', newServer('1h'))),
        plugin('brief-server', await site.addPlugin('brief-server', newServer('4s'))),
      ),
    );
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  /** A subscription of its own, and a fact about a server that it is to bring. */
  async function announce(name: string, pluginRef: string, address = ADDRESS): Promise<string> {
    await site.apply(manifest(subscription(name, `${name}.seen`, pluginRef)));
    const id = `${name}-1`;
    await emit(site, { id, type: `${name}.seen`, subject: name, payload: { address } });
    return id;
  }

  /** Removed, out of its pool, and not probed any more. */
  async function isGone(name: string): Promise<void> {
    await weighs(site, 'web-vip', { reserve: 100 });
    const removed = await until(`${name} to be removed`, async () =>
      (await site.all<BackendDetail>('/v1/backends?state=removed')).find((one) => one.name === name),
    );
    expect(removed).toMatchObject({ state: 'removed', frontends: [] });
    expect((await site.all<BackendDetail>('/v1/backends')).map((one) => one.name)).toEqual(['reserve']);
    const { pools } = await findFrontend(site, 'web-vip');
    expect(pools.map(({ backends }) => backends.map((one) => one.name))).toEqual([[], ['reserve']]);
    await expectSilence(servers.at(ADDRESS), SILENT_MS);
  }

  it('is probed, gets its weight and says where it comes from, until its subscription is deleted', async () => {
    await weighs(site, 'web-vip', { reserve: 100 });
    const id = await announce('brought', 'new-server');
    const { source, generation } = await activePart(site, 'brought', id);
    await until('a probe', () => servers.at(ADDRESS).requests > 0);
    await becomes(site, 'brought', 'up');
    await weighs(site, 'web-vip', { brought: 70, reserve: 0 });

    expect(await findBackend(site, 'brought')).toMatchObject({
      address: ADDRESS,
      healthcheck: 'web',
      frontends: ['web-vip'],
      origin: { part: { source, generation } },
    });
    const { origin, activePool, pools } = await findFrontend(site, 'web-vip');
    expect({ origin, activePool }).toEqual({
      origin: { revision: expect.any(Number) },
      activePool: 'primary',
    });
    expect(pools[0]).toMatchObject({
      name: 'primary',
      backends: [{ name: 'brought', address: ADDRESS, weight: 70 }],
    });
    const shown = await site.cli('show', 'backends', 'brought');
    expect(shown.stdout).toMatch(
      new RegExp(`^origin\\s+part ${source} generation ${generation}, fact brought-1 of group default$`, 'm'),
    );

    expect(await site.cli('delete', 'EventSubscription', 'brought')).toMatchObject({ code: 0, stderr: '' });
    await isGone('brought');
  });

  it('is taken out when the time of its part is over', async () => {
    const id = await announce('brief', 'brief-server');
    const { expiresAt } = await activePart(site, 'brief', id);
    await weighs(site, 'web-vip', { brief: 70, reserve: 0 });
    await isGone('brief');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt ?? ''));
    expect(await partsOf(site, 'brief')).toMatchObject([{ state: 'expired' }]);
  });

  it.each([
    ['is declared by an operator', 'reserve', ADDRESS, 'startup-conflict'],
    ['is of another address family than the pool', 'odd', '2001:db8::1', 'part-invalid'],
    ['has no address', 'nowhere', 'not-an-address', 'plugin-output-invalid'],
  ])('is refused when it %s, and nothing changes', async (_, name, address, errorCode) => {
    await weighs(site, 'web-vip', { reserve: 100 });
    const before = await findFrontend(site, 'web-vip');
    const id = await announce(name, 'new-server', address);
    expect(await endedRun(site, name, id)).toMatchObject({ state: 'failed', errorCode });
    expect(await partsOf(site, name)).toEqual([]);
    expect(await findFrontend(site, 'web-vip')).toEqual(before);
    expect(await findBackend(site, 'reserve')).toMatchObject({ address: '192.0.2.11', state: 'up' });
  });

  it('is refused from a second owner, since the same pair twice is a conflict', async () => {
    await activePart(site, 'owner', await announce('owner', 'new-server'));
    await weighs(site, 'web-vip', { owner: 70, reserve: 0 });
    await site.apply(manifest(subscription('second', 'owner.seen', 'new-server')));
    expect(await endedRun(site, 'second', 'owner-1')).toMatchObject({
      state: 'failed',
      errorCode: 'part-conflict',
    });
    await weighs(site, 'web-vip', { owner: 70, reserve: 0 });
  });
});
