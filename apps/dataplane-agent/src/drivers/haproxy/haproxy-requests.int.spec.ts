import { createConnection } from 'node:net';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { NodeListener, NodeTarget, RequestCounters } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { Place } from '../named-servers.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { ask } from './tls-clients.fixture.js';

/** A server that answers `/<code>` with this code, after 200 ms where the query says so, and hangs up for `/die`. */
async function startCodes(): Promise<Server> {
  const server = createServer((asked, reply) => {
    const [, code] = /^\/(?:api\/)?(\d+)/.exec(asked.url ?? '') ?? [];
    if (code === undefined) return void asked.socket.destroy();
    const answer = (): unknown => reply.writeHead(Number(code)).end();
    return asked.url?.endsWith('?slow') ? void setTimeout(answer, 200) : answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const NONE: RequestCounters['responses'] = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 };

describeHaproxy('requests counted by HAProxy', (given) => {
  let servers: Server[];
  beforeEach(async () => {
    servers = [await startCodes(), await startCodes()];
  });
  afterEach(() => {
    for (const server of servers) server.close().closeAllConnections();
  });

  const target = (index: number): NodeTarget => {
    const { port } = servers[index]!.address() as AddressInfo;
    return { address: '127.0.0.1', port, weight: 100, flushes: 0 };
  };
  const listener = (changes: Partial<NodeListener> = {}): NodeListener =>
    given().stage.listener({
      protocol: 'http',
      policies: [
        {
          ...{ name: 'no', action: 'reject' },
          rules: [{ type: 'path', compare: 'equal-to', value: '/no' }],
        },
        {
          ...{ name: 'far', action: 'redirect-to-url', url: 'https://a.example/', code: 308 },
          rules: [{ type: 'path', compare: 'equal-to', value: '/far' }],
        },
        {
          ...{ name: 'api', action: 'redirect-to-pool', pool: 'api' },
          rules: [{ type: 'path', compare: 'starts-with', value: '/api' }],
        },
      ],
      policyPools: [{ name: 'api', algorithm: 'round-robin', targets: [target(1)] }],
      targets: [target(0)],
      ...changes,
    });
  const paths = async (place: Place, ...asked: readonly string[]): Promise<void> => {
    for (const path of asked) await ask(place, { path });
  };
  /** Once every request was answered, and counted as answered. */
  const settled = async (total: number): Promise<RequestCounters> =>
    until(`${total} requests to be counted`, async () => {
      const { requests } = await given().stage.countersOf('web');
      const answers = Object.values(requests?.responses ?? {}).reduce((sum, count) => sum + count, 0);
      return requests?.total === total && answers === total && requests;
    });

  it('are exact, by class and by what went wrong, and go on over a reload', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(listener());
    expect((await stage.countersOf('web')).requests).toEqual({
      ...{ total: 0, responses: NONE, rejectedTotal: 0, brokenTotal: 0, failedTotal: 0, perSecond: 0 },
    });
    await paths(place, '/200', '/204', '/302', '/404', '/404', '/500', '/no', '/far', '/die');
    await paths(place, '/api/200', '/api/503', '/api/die');
    const first = {
      responses: { ...NONE, '2xx': 3, '3xx': 2, '4xx': 3, '5xx': 4 },
      ...{ rejectedTotal: 1, brokenTotal: 0, failedTotal: 2 },
    };
    expect(await settled(12)).toMatchObject(first);

    // these are not looked at before the worker that counted them ends
    await paths(place, '/200', '/404', '/api/200');
    const { reloads } = await stand.processes();
    await stage.serve(listener(), stage.listener({ name: 'other' }));
    expect((await stand.processes()).reloads).toBe(reloads + 1);
    await until('the old worker to end', async () => (await stand.processes()).oldWorkers.length === 0);
    await paths(place, '/500', '/no', '/api/die');
    expect(await settled(18)).toMatchObject({
      responses: { ...NONE, '2xx': 5, '3xx': 2, '4xx': 5, '5xx': 6 },
      ...{ rejectedTotal: 2, brokenTotal: 0, failedTotal: 3 },
    });
  });

  it('that cannot be read are told apart, and those without a target', async () => {
    const { stage } = given();
    const place = await stage.serve(listener({ targets: [{ ...target(0), weight: 0 }] }));
    const socket = createConnection(place.port, place.address);
    socket.resume().write('GET\r\n\r\n');
    await once(socket, 'close');
    await paths(place, '/200', '/api/200');
    expect(await settled(3)).toMatchObject({
      responses: { ...NONE, '2xx': 1, '4xx': 1, '5xx': 1 },
      ...{ brokenTotal: 1, failedTotal: 0 },
    });
    expect(await stage.countersOf('web')).toMatchObject({ refusedTotal: 1 });
    const empty = { name: 'api', algorithm: 'round-robin', targets: [] } as const;
    await stage.serve(listener({ policyPools: [empty] }));
    await paths(place, '/api/200');
    await until('it to be counted', async () => (await stage.countersOf('web')).refusedTotal === 2);
    await stage.serve(listener({ policies: undefined, policyPools: undefined }));
    expect(await stage.countersOf('web')).toMatchObject({ refusedTotal: 2 });
  });

  it('have times on average, of the listener and of each pool of policies', async () => {
    const { stage } = given();
    const place = await stage.serve(listener());
    expect(await stage.countersOf('web')).not.toHaveProperty('times');
    await paths(place, '/200?slow', '/200?slow');
    await settled(2);
    const { times, policyPools } = await stage.countersOf('web');
    expect(times?.responseMs).toBeGreaterThanOrEqual(190);
    expect(times?.totalMs).toBeGreaterThanOrEqual(times?.responseMs ?? Infinity);
    expect(policyPools?.[0]).not.toHaveProperty('times');
    await paths(place, '/api/200');
    await settled(3);
    const [pool] = (await stage.countersOf('web')).policyPools ?? [];
    expect(pool).toMatchObject({
      times: { connectMs: expect.any(Number), responseMs: expect.any(Number) },
      targets: [{ port: target(1).port, connectionsTotal: 1, errorsTotal: 0 }],
    });
  });

  it('are none of a listener that carries bytes', async () => {
    const { stage } = given();
    const place = await stage.serve(
      listener({ protocol: 'tcp', policies: undefined, policyPools: undefined }),
    );
    await paths(place, '/200');
    const counters = await stage.countersOf('web');
    expect(counters).not.toHaveProperty('requests');
    expect(counters).not.toHaveProperty('times');
  });
});
