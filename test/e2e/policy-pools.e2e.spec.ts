import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import type {
  ListenerItem,
  ListenerStatsItem,
  NodeDetail,
  PoolItem,
} from '../../apps/cli/src/rest/answers.js';
import { ask } from '../../apps/dataplane-agent/src/drivers/haproxy/tls-clients.fixture.js';
import { backend, becomes, command } from './balance-site.js';
import { manifest } from './manifests.js';
import {
  balance,
  connectCheck,
  findListener,
  HAPROXY,
  HAPROXY_ENV,
  localNode,
  nodeMetric,
  type Place,
  placeOf,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

const NAMES = ['web', 'api1', 'api2'] as const;
type Name = (typeof NAMES)[number];

/** Says its name, or answers with the code that the path ends with. */
async function startNamed(name: Name, port = 0): Promise<Server> {
  const server = createServer((asked, reply) => {
    const code = Number(/\/(\d{3})$/.exec(asked.url ?? '')?.[1] ?? 200);
    reply.writeHead(code, { connection: 'close' }).end(name);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const policy = (name: string, spec: object) => balance('L7Policy', name, { listener: 'web', ...spec });
const pathRule = (name: string, its: string, value: string) =>
  balance('L7Rule', name, { policy: its, type: 'path', compare: 'starts-with', value });
const TO_API = { action: 'redirect-to-pool', redirectPool: 'api' };

/** Effective weight of each target of the pools. */
function weightsOf(pools: NonNullable<ListenerItem['policyPools']>): Record<string, number> {
  return Object.fromEntries(
    pools.flatMap(({ backends }) => backends.map(({ name, effective }) => [name, effective] as const)),
  );
}

(HAPROXY === undefined ? describe.skip : describe)('a site whose policies send requests to a pool', () => {
  const servers = new Map<Name, Server>();
  let site: Site;
  let place: Place;

  beforeAll(async () => {
    for (const name of NAMES) servers.set(name, await startNamed(name));
    site = await Site.start({ env: HAPROXY_ENV });
    await apply(
      await localNode('haproxy'),
      connectCheck(),
      ...NAMES.map((name) => backend(name, '127.0.0.1', { port: portOf(name), healthcheck: 'connect' })),
      ...webListener({ web: {} }, { listener: { protocol: 'http' } }),
      balance('Pool', 'api', { backends: { api1: {}, api2: { weight: 50 } } }),
      policy('to-api', { ...TO_API, position: 2 }),
      policy('no-admin', { action: 'reject', position: 3 }),
      pathRule('api-path', 'to-api', '/api'),
      pathRule('admin-path', 'no-admin', '/api/admin'),
    );
    place = await weighs({ api1: 100, api2: 50 });
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    for (const server of servers.values()) server.close().closeAllConnections();
  }, 300_000);

  const portOf = (name: Name): number => (servers.get(name)!.address() as AddressInfo).port;
  async function apply(...resources: readonly Resource[]): Promise<void> {
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply', manifest(...resources));
    expect({ status, body }).toMatchObject({ status: 200 });
  }
  /** Waits until these are the effective weights of the policy pool, and served so; tells where. */
  async function weighs(weights: Readonly<Partial<Record<Name, number>>>): Promise<Place> {
    await until(`the pool to weigh ${JSON.stringify(weights)}`, async () => {
      const { policyPools = [] } = await findListener(site, 'web');
      return JSON.stringify(weightsOf(policyPools)) === JSON.stringify(weights);
    });
    return placeOf(site, 'web');
  }
  /** Waits until the newest state is in the file of the agent, which is written at most once a second. */
  async function kept(): Promise<void> {
    const file = join(site.stateDir, 'dataplane-agent', 'local.json');
    await until('the agent to keep its state', async () => {
      const { body: node } = await site.rest<NodeDetail>('GET', '/v1/nodes/local');
      const text = await readFile(file, 'utf8');
      const inFile = JSON.parse(text) as { kept: { desired: { state: { generation: number } } } };
      return inFile.kept.desired.state.generation === node.appliedGeneration;
    });
  }
  /** Who answers so many requests, or with which code HAProxy does. */
  async function who(path: string, count = 1): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let at = 0; at < count; at += 1) {
      const { status, body } = await ask(place, { path });
      const name = status === 200 ? body : String(status);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  it('sends what matches there by the weights of the pool, rejects first, and the rest to its own', async () => {
    expect(await who('/api/x', 9)).toEqual({ api1: 6, api2: 3 });
    expect(await who('/api/admin')).toEqual({ '403': 1 });
    expect(await who('/', 3)).toEqual({ web: 3 });
  });

  it('shows it in REST, in the tree and in the command line, each target with its why', async () => {
    const listener = await findListener(site, 'web');
    expect(listener.policies?.map(({ name, action }) => [name, action])).toEqual([
      ['no-admin', 'reject'],
      ['to-api', 'redirect-to-pool'],
    ]);
    expect(listener).toMatchObject({ activePool: 'web', operatingStatus: 'online' });
    expect(listener.policyPools).toMatchObject([
      {
        ...{ name: 'api', algorithm: 'round-robin' },
        backends: [
          {
            name: 'api1',
            why: { text: 'policies send requests to pool api and api1 is up: configured weight 100' },
          },
          { name: 'api2', weight: 50 },
        ],
      },
    ]);
    expect(await site.rest('GET', '/v1/loadbalancers/web/tree')).toMatchObject({
      body: { tree: [{ policyPools: [{ name: 'api' }] }] },
    });
    const { body: pool } = await site.rest<PoolItem>('GET', '/v1/pools/api');
    expect(pool.listeners).toEqual([{ listener: 'web', policies: ['to-api'], active: true }]);
    const { stdout } = await site.cli('show', 'listeners', 'web');
    expect(stdout).toContain('to-api  redirect-to-pool api');
    expect(stdout).toContain('policy-pool api\n  api1 weight 100 effective 100\n');
  });

  it('follows the health of its targets: who is down gets nothing, and 503 is the answer of nobody', async () => {
    const port = portOf('api1');
    servers.get('api1')!.close();
    await weighs({ api1: 0, api2: 50 });
    expect(await who('/api', 4)).toEqual({ api2: 4 });
    expect(await findListener(site, 'web')).toMatchObject({
      ...{ operatingStatus: 'degraded', operatingReason: 'api1 is down', state: 'up' },
      policyPools: [{ backends: [{ flush: true, why: { rule: 'down' } }, {}] }],
    });
    await command(site, 'api2', 'disable');
    await weighs({ api1: 0, api2: 0 });
    expect(await who('/api', 2)).toEqual({ '503': 2 });
    expect(await who('/')).toEqual({ web: 1 });
    expect(await findListener(site, 'web')).toMatchObject({
      operatingReason: 'no target has a weight in pool api of its policies',
    });
    await command(site, 'api2', 'enable');
    servers.set('api1', await startNamed('api1', port));
    await becomes(site, 'api1', 'up');
    await weighs({ api1: 100, api2: 50 });
    expect(Object.keys(await who('/api', 9)).sort()).toEqual(['api1', 'api2']);
  });

  it('weighs as operators set, which survives a restart that writes nothing', async () => {
    const set = ['set', 'frontend', 'web', 'pool', 'api', 'backend', 'api1', 'weight', '10'];
    expect(await site.cli(...set, '--reason', 'canary')).toMatchObject({ code: 0 });
    await weighs({ api1: 10, api2: 50 });
    expect(await site.cli('drain', 'api2')).toMatchObject({ code: 0 });
    await weighs({ api1: 10, api2: 0 });
    await kept();
    await site.kill();
    expect(await who('/api', 3)).toEqual({ api1: 3 });
    await site.up();
    await weighs({ api1: 10, api2: 0 });
    expect(await nodeMetric(site, 'signalbox_lb_writes_total')).toBe(0);
    const { policyPools } = await findListener(site, 'web');
    expect(policyPools?.[0]?.backends[0]?.override).toMatchObject({ weight: 10, reason: 'canary' });
    expect(await site.cli('undrain', 'api2')).toMatchObject({ code: 0 });
    set.splice(-1, 1, 'default');
    expect(await site.cli(...set)).toMatchObject({ code: 0 });
    await weighs({ api1: 100, api2: 50 });
  });

  it('refuses policies that cannot be, and what worked goes on', async () => {
    const refused = async (...resources: readonly Resource[]): Promise<unknown> => {
      const { status, body } = await site.rest<{
        code: string;
        errors: readonly { pointer: string; message: string }[];
      }>('POST', '/v1/apply', manifest(...resources));
      return [status, body.code, ...body.errors.map(({ pointer }) => pointer.replace(/^\/\d+/, ''))];
    };
    const none = policy('none', { ...TO_API, redirectPool: 'none', position: 1 });
    expect(await refused(none)).toEqual([422, 'reference-missing', '/spec/redirectPool']);
    const own = policy('own', { ...TO_API, redirectPool: 'web', position: 1 });
    expect(await refused(own)).toEqual([422, 'validation-failed', '/spec/redirectPool']);
    const [, , tcp] = webListener({ web: {} });
    expect(await refused(tcp!)).toContain('/spec/listener');
    const both = balance('Listener', 'web', {
      ...{ loadBalancer: 'web', protocol: 'http', port: 80, pools: ['web', 'api'] },
    });
    expect(await refused(both)).toContain('/spec/redirectPool');
    expect(await site.rest('DELETE', '/v1/resources/Pool/api')).toMatchObject({
      status: 422,
      body: { code: 'reference-missing' },
    });
    expect(Object.keys(await who('/api', 9)).sort()).toEqual(['api1', 'api2']);
  });

  it('counts requests exactly, by class, in REST, metrics and the command line', async () => {
    const stats = async (): Promise<ListenerStatsItem> =>
      (await site.rest<ListenerStatsItem>('GET', '/v1/listeners/web/stats')).body;
    const before = (await stats()).total.requests!;
    const asked = { '/': 5, '/404': 3, '/500': 2, '/api/503': 4, '/api/admin': 1 };
    for (const [path, count] of Object.entries(asked)) await who(path, count);
    const after = await until('15 requests to be answered', async () => {
      const { total, nodes, silent } = await stats();
      const counted = total.requests!;
      const grown = (name: keyof typeof counted.responses): number =>
        counted.responses[name] - before.responses[name];
      const sum = grown('2xx') + grown('4xx') + grown('5xx');
      if (sum < 15) return false;
      expect([grown('2xx'), grown('3xx'), grown('4xx'), grown('5xx')]).toEqual([5, 0, 4, 6]);
      expect([counted.total - before.total, counted.rejectedTotal - before.rejectedTotal]).toEqual([15, 1]);
      expect({ silent, pools: nodes[0]?.policyPools?.map(({ pool }) => pool) }).toEqual({
        silent: [],
        pools: ['api'],
      });
      return counted;
    });
    const metrics = await site.metrics();
    const labels = 'listener="web",node="local"';
    expect(metrics).toContain(`signalbox_lb_requests_total{${labels}} ${after.total}\n`);
    expect(metrics).toContain(
      `signalbox_lb_responses_total{code="5xx",${labels}} ${after.responses['5xx']}\n`,
    );
    expect(metrics).toContain(`signalbox_lb_request_errors_total{${labels},reason="rejected"} `);
    expect(metrics).toMatch(
      /^signalbox_lb_recent_request_seconds\{listener="web",node="local",phase="total",pool="api"\} [\d.e-]+$/m,
    );
    const { code, stdout } = await site.cli('show', 'stats', 'web');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^requests +${after.total}, \\d+ in the last second$`, 'm'));
    expect(await site.rest('GET', '/v1/listeners/none/stats')).toMatchObject({ status: 404 });
  });

  it('is let go with its policies, when these go', async () => {
    const { body } = await site.rest<ApplyAnswer>('DELETE', '/v1/resources/L7Policy/to-api?cascade=true');
    expect(body.plan.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      ...['L7Policy/to-api', 'L7Rule/api-path', 'Pool/api'],
    ]);
    await until('it to be gone', async () => (await findListener(site, 'web')).policyPools === undefined);
    await placeOf(site, 'web');
    expect(await who('/api/x')).toEqual({ web: 1 });
    expect(await who('/api/admin')).toEqual({ '403': 1 });
    expect(await site.differences()).toBe('');
  });

  it('is refused by a node that reads no requests, with a reason, and no listener of bytes is', async () => {
    await apply(
      ...[balance('Pool', 'api', { backends: { api1: {} } }), policy('to-api', { ...TO_API, position: 1 })],
      pathRule('api-path', 'to-api', '/api'),
      balance('LoadBalancer', 'bytes', { address: '127.0.0.1' }),
      balance('Listener', 'bytes', {
        ...{ loadBalancer: 'bytes', protocol: 'tcp', port: await freePort(), pools: ['web'] },
      }),
      await localNode('sim'),
    );
    await until('it to be refused', async () => {
      const { provisioningStatus, provisioningReason = '' } = await findListener(site, 'web');
      return (
        provisioningStatus === 'error' && provisioningReason.includes('driver sim cannot serve listener web')
      );
    });
    await placeOf(site, 'bytes');
    const { body } = await site.rest<ListenerStatsItem>('GET', '/v1/listeners/bytes/stats');
    expect(body.total).not.toHaveProperty('requests');
  });
});
