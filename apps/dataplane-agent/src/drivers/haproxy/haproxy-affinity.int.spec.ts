import { createServer, get, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { NodeListener, NodeTarget } from '@signalbox/contracts';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import type { Place } from '../named-servers.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';

const NAMES = ['x', 'y', 'z'] as const;

/** What one request got. */
interface Reply {
  readonly name: string;
  /** `NAME=value` of each cookie that was set. */
  readonly cookies: readonly string[];
}

describeHaproxy('affinity of HAProxy', (given) => {
  let servers: readonly Server[] = [];
  beforeEach(async () => {
    servers = await Promise.all(NAMES.map(startShop));
  });
  afterEach(() => servers.forEach((server) => server.close().closeAllConnections()));

  const targets = (weights: Partial<Record<string, number>> = {}): NodeTarget[] =>
    servers
      .map((server, index) => ({
        address: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        weight: weights[NAMES[index] ?? ''] ?? 100,
        flushes: 0,
      }))
      .sort((one, other) => one.port - other.port);
  const shop = (changes: Partial<NodeListener>) =>
    given().stage.listener({ protocol: 'http', targets: targets(), ...changes });

  it('http-cookie: brings clients back by a cookie of ours, over a reload, and to another when their target has no weight', async () => {
    const { stage } = given();
    const affinity = { type: 'http-cookie', cookie: 'SERVERID' } as const;
    const place = await stage.serve(shop({ affinity }));
    const first = await request(place);
    const cookie = first.cookies.find((text) => text.startsWith('SERVERID='));
    expect(cookie).toBeDefined();
    expect(cookie).not.toContain('127.0.0.1');
    expect(await namesOf(place, 6, cookie)).toEqual([first.name]);
    expect((await request(place, cookie)).cookies).not.toContainEqual(expect.stringMatching('SERVERID'));

    await stage.serve(shop({ affinity }), stage.listener({ name: 'mail' }));
    expect(await namesOf(place, 6, cookie)).toEqual([first.name]);

    await stage.serve(
      shop({ affinity, targets: targets({ [first.name]: 0 }) }),
      stage.listener({ name: 'mail' }),
    );
    const moved = await request(place, cookie);
    expect(moved.name).not.toBe(first.name);
    expect(moved.cookies).toContainEqual(expect.stringMatching('SERVERID'));

    const fewer = targets().slice(1);
    await stage.serve(shop({ affinity, targets: fewer }), stage.listener({ name: 'mail' }));
    await stage.serve(shop({ affinity }), stage.listener({ name: 'mail' }));
    expect(await namesOf(place, 6, cookie)).toEqual([first.name]);
  });

  it('app-cookie: brings clients back by the cookie of the application, which stays as it is, over a reload', async () => {
    const { stage } = given();
    const affinity = { type: 'app-cookie', cookie: 'JSESSIONID' } as const;
    const place = await stage.serve(shop({ affinity }));
    const first = await request(place);
    const [cookie] = first.cookies;
    expect(cookie).toBe(`JSESSIONID=session-of-${first.name}`);
    expect(await namesOf(place, 6, cookie)).toEqual([first.name]);
    await stage.serve(shop({ affinity }), stage.listener({ name: 'mail' }));
    expect(await namesOf(place, 6, cookie)).toEqual([first.name]);
    await stage.serve(
      shop({ affinity, targets: targets({ [first.name]: 0 }) }),
      stage.listener({ name: 'mail' }),
    );
    expect(await namesOf(place, 6, cookie)).not.toContain(first.name);
  });

  it('source-ip: 20 clients keep their targets over reloads, which hand over the table', async () => {
    const { stage } = given();
    const affinity = { type: 'source-ip', timeoutMs: 60_000 } as const;
    const place = await stage.serve(stage.listener({ affinity }));
    const clients = Array.from({ length: 20 }, (_none, index) => `127.0.1.${index + 1}`);
    const homes = await homesOf(place, clients);
    expect(new Set(homes.values()).size).toBe(3);
    for (const name of ['mail', 'news', 'talk']) {
      await stage.serve(stage.listener({ affinity }), stage.listener({ name }));
      expect(await homesOf(place, clients)).toEqual(homes);
    }
  });

  it('source-ip: flush forgets the clients of its target, and no others', async () => {
    const { stage, stand } = given();
    const affinity = { type: 'source-ip', timeoutMs: 60_000 } as const;
    const place = await stage.serve(stage.listener({ affinity }));
    const clients = Array.from({ length: 9 }, (_none, index) => `127.0.1.${index + 1}`);
    const homes = await homesOf(place, clients);
    const [a] = stage.servers;
    if (!a) throw new Error('three servers');
    await stage.flush(a);
    const table = await stand.tell('show table web');
    for (const [client, home] of homes) expect(table.includes(`key=${client} `)).toBe(home !== 'a');
    expect(await stage.driver.observe(PATIENT)).toHaveLength(1);
  });

  async function homesOf(place: Place, clients: readonly string[]): Promise<Map<string, string | undefined>> {
    const homes = new Map<string, string | undefined>();
    for (const client of clients)
      homes.set(client, await given().stage.traffic.ask(place, { address: client }));
    return homes;
  }
});

/** A server that sets a cookie where there is none, and tells its name. */
async function startShop(name: string): Promise<Server> {
  const server = createServer((asked, reply) => {
    if (!asked.headers.cookie?.includes('JSESSIONID')) {
      reply.setHeader('set-cookie', `JSESSIONID=session-of-${name}`);
    }
    reply.end(name);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function request(place: Place, cookie?: string): Promise<Reply> {
  const asked = get({
    host: place.address,
    port: place.port,
    agent: false,
    headers: cookie === undefined ? {} : { cookie },
  });
  const [reply] = await once(asked, 'response');
  let name = '';
  for await (const part of reply) name += String(part);
  const set: string[] = reply.headers['set-cookie'] ?? [];
  return { name, cookies: set.map((text) => text.split(';')[0] ?? '') };
}

/** Names of all servers that answered so many requests. */
async function namesOf(place: Place, requests: number, cookie: string | undefined): Promise<string[]> {
  const names = new Set<string>();
  for (let asked = 0; asked < requests; asked += 1) names.add((await request(place, cookie)).name);
  return [...names];
}
