import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  NodeListener,
  NodePolicy,
  NodePool,
  NodeRule,
  NodeTarget,
  RuleType,
} from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { listenerOf, PATIENT, placeOf } from '../contract/driver-stage.fixture.js';
import type { Place } from '../named-servers.fixture.js';
import { type Echo, type EchoServer, startEcho, valuesOf } from './echo-server.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { ask } from './tls-clients.fixture.js';

/** What a client asks for. */
interface Wish {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A rule of each type, and a request that it matches. */
const RULES: Readonly<Record<RuleType, readonly [rule: NodeRule, wish: Wish]>> = {
  'host-name': [
    { type: 'host-name', compare: 'equal-to', value: 'api.example' },
    { headers: { host: 'api.example:80' } },
  ],
  path: [{ type: 'path', compare: 'starts-with', value: '/api' }, { path: '/api/x?y=z' }],
  header: [
    { type: 'header', key: 'x-to', compare: 'contains', value: 'ap' },
    { headers: { 'x-to': 'the api' } },
  ],
  cookie: [
    { type: 'cookie', key: 'to', compare: 'regex', value: '^a.i$' },
    { headers: { cookie: 'a=b; to=api' } },
  ],
  'file-type': [{ type: 'file-type', compare: 'equal-to', value: 'png' }, { path: '/a/b.png' }],
};

/** The cookie by which a target is found again. */
const AT_HOME = { type: 'http-cookie', cookie: 'home' } as const;

const at = (value: string): NodeRule[] => [{ type: 'path', compare: 'starts-with', value }];
const toPool = (name: string, pool: string, rules: readonly NodeRule[]): NodePolicy => ({
  ...{ name, action: 'redirect-to-pool', pool },
  rules,
});

describeHaproxy('pools of policies on HAProxy', (given) => {
  let web: EchoServer;
  let api: EchoServer[];
  const opened: Socket[] = [];

  beforeEach(async () => {
    [web, ...api] = (await Promise.all(['web', 'api1', 'api2'].map(startEcho))) as [
      EchoServer,
      ...EchoServer[],
    ];
  });
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
    for (const server of [web, ...api]) server.close();
  });

  const targetsOf = (servers: readonly Place[], weights: readonly number[] = []): NodeTarget[] =>
    servers
      .map(({ address, port }, index) => ({ address, port, weight: weights[index] ?? 100, flushes: 0 }))
      .sort((one, other) => one.port - other.port);
  const pool = (weights: readonly number[] = [], changes: Partial<NodePool> = {}): NodePool => ({
    ...{ name: 'api', algorithm: 'round-robin', targets: targetsOf(api, weights) },
    ...changes,
  });
  const listener = (changes: Partial<NodeListener> = {}): NodeListener =>
    given().stage.listener({
      protocol: 'http',
      policies: [toPool('p', 'api', at('/api'))],
      policyPools: [pool()],
      targets: targetsOf([web]),
      ...changes,
    });
  /** Who answers, or with which status HAProxy does. */
  const who = async (place: Place, wish: Wish = {}): Promise<string> => {
    const { status, body } = await ask(place, wish);
    return status === 200 ? (JSON.parse(body) as Echo).name : String(status);
  };
  const whoOf = async (place: Place, wishes: readonly Wish[]): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const wish of wishes) {
      const name = await who(place, wish);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  /** A request that nobody answers. */
  const openAt = async ({ address, port }: Place, path: string): Promise<Socket> => {
    const socket = createConnection(port, address);
    opened.push(socket);
    await once(socket, 'connect');
    socket.on('error', () => undefined).resume();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return socket;
  };
  const times = (count: number, wish: Wish): Wish[] => Array.from({ length: count }, () => wish);

  describe.each(Object.keys(RULES) as RuleType[])('a rule on %s', (type) => {
    it('sends what matches to the pool, inverted what does not', async () => {
      const [rule, wish] = RULES[type];
      const place = await given().stage.serve(listener({ policies: [toPool('p', 'api', [rule])] }));
      expect(await whoOf(place, times(4, wish))).toEqual({ api1: 2, api2: 2 });
      expect(await who(place)).toBe('web');
      await given().stage.serve(listener({ policies: [toPool('p', 'api', [{ ...rule, invert: true }])] }));
      expect(await who(place, wish)).toBe('web');
      expect(await whoOf(place, times(2, {}))).toEqual({ api1: 1, api2: 1 });
    });
  });

  it('come after rejects and redirects, and the first policy that matches decides', async () => {
    const [first, second] = api as [EchoServer, EchoServer];
    const place = await given().stage.serve(
      listener({
        policies: [
          { name: 'no', action: 'reject', rules: at('/api/no') },
          {
            ...{ name: 'far', action: 'redirect-to-url', url: 'https://a.example/', code: 302 },
            rules: at('/api/far'),
          },
          toPool('narrow', 'one', at('/api/one')),
          toPool('wide', 'two', at('/api')),
          toPool('again', 'one', at('/again')),
        ],
        policyPools: [
          pool([], { name: 'one', targets: targetsOf([first]) }),
          pool([], { name: 'two', targets: targetsOf([second]) }),
        ],
      }),
    );
    const found: string[] = [];
    for (const path of ['/api/no', '/api/far', '/api/one', '/api/x', '/again', '/'])
      found.push(await who(place, { path }));
    expect(found).toEqual(['403', '302', 'api1', 'api2', 'api1', 'web']);
  });

  it('are chosen by what the client sent, and told of the client like the others', async () => {
    const sent: NodeRule[] = [
      { type: 'header', key: 'x-forwarded-proto', compare: 'equal-to', value: 'http' },
    ];
    const place = await given().stage.serve(
      listener({
        policies: [toPool('sent', 'api', sent), toPool('p', 'api', at('/api'))],
        insertHeaders: ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Port'],
      }),
    );
    expect(await who(place)).toBe('web');
    expect(await who(place, { headers: { 'x-forwarded-proto': 'http' } })).toMatch(/^api/);
    const echo = JSON.parse((await ask(place, { path: '/api' })).body) as Echo;
    expect(
      ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port'].map((name) => valuesOf(echo, name)),
    ).toEqual([['127.0.0.1'], ['http'], ['80']]);
  });

  it('fail over, drain and come back without a reload, whatever the targets of the listener do', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(listener());
    const before = await stand.processes();
    const asks = times(6, { path: '/api' });
    for (const [weights, expected] of [
      [[0, 100], { api2: 6 }],
      [[50, 100], { api1: 2, api2: 4 }],
      [[0, 0], { '503': 6 }],
      [[], { api1: 3, api2: 3 }],
    ] as const) {
      await stage.serve(listener({ policyPools: [pool(weights)] }));
      expect(await whoOf(place, asks)).toEqual(expected);
      expect(await who(place)).toBe('web');
    }
    await stage.serve(listener({ targets: targetsOf([web], [0]) }));
    expect([await who(place), await who(place, { path: '/api' })]).toEqual([
      '503',
      expect.stringMatching(/^api/),
    ]);
    await stage.serve(listener({ policyPools: [pool([], { targets: targetsOf([api[1]!]) })] }));
    expect(await whoOf(place, asks)).toEqual({ api2: 6 });
    await stage.serve(listener());
    expect(await whoOf(place, asks)).toEqual({ api1: 3, api2: 3 });
    expect(await stand.processes()).toEqual(before);
  });

  it('are read back, taken over by another agent without a change, and repaired', async () => {
    const { stage, stand } = given();
    await stage.serve(listener());
    const seen = await stage.driver.observe(PATIENT);
    expect(seen).toMatchObject([
      { name: 'web', targets: [{ port: web.port }], policyPools: [{ name: 'api', targets: [{}, {}] }] },
    ]);
    const before = await stand.processes();
    const next = await stand.again();
    const state = { node: 'n1', generation: 9, listeners: [listener()] };
    expect(await next.apply(state, PATIENT)).toMatchObject({ writes: 0 });
    expect(await next.observe(PATIENT)).toEqual(seen);
    await stand.tell(`set server web:00api/127.0.0.1:${api[0]!.port} weight 7`);
    expect(await next.observe(PATIENT)).not.toEqual(seen);
    expect((await next.apply(state, PATIENT)).writes).toBe(1);
    expect(await next.observe(PATIENT)).toEqual(seen);
    expect(await stand.processes()).toEqual(before);
  });

  it('spread and remember clients in their own way', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(listener({ policyPools: [pool([], { affinity: AT_HOME })] }));
    const first = await ask(place, { path: '/api' });
    const [cookie = ''] = (first.headers['set-cookie'] as string[] | undefined) ?? [];
    expect(cookie).toMatch(/^home=/);
    const { name } = JSON.parse(first.body) as Echo;
    const back = { path: '/api', headers: { cookie: cookie.split(';')[0]! } };
    expect(await whoOf(place, times(4, back))).toEqual({ [name]: 4 });
    expect((await ask(place)).headers).not.toHaveProperty('set-cookie');
    const before = await stand.processes();
    const byAddress = { affinity: { type: 'source-ip', timeoutMs: 60_000 } as const };
    await stage.serve(listener({ policyPools: [pool([], byAddress)] }));
    expect((await stand.processes()).reloads).toBe(before.reloads + 1);
    const sticky = await who(place, { path: '/api' });
    // its clients are handed over with a reload, as those of a listener are
    await stage.serve(listener({ policyPools: [pool([], byAddress)] }), stage.listener({ name: 'other' }));
    expect(await whoOf(place, times(4, { path: '/api' }))).toEqual({ [sticky]: 4 });
  });

  it('are cut apart from the same server among the targets of the listener', async () => {
    const { stage } = given();
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const target = { address: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    try {
      const targets = targetsOf([target]);
      const place = await stage.serve(listener({ targets, policyPools: [pool([], { targets })] }));
      const [own, routed] = [await openAt(place, '/'), await openAt(place, '/api')];
      await until('both to stand', async () => {
        const { targets: mine, policyPools } = await stage.countersOf('web');
        return mine[0]?.connections === 1 && policyPools?.[0]?.targets[0]?.connections === 1;
      });
      const cut = { listener: 'web', pool: 'api', target };
      expect(await stage.driver.flush(cut, PATIENT)).toBe(1);
      await until('the one to be cut', () => routed.closed);
      expect(own.closed).toBe(false);
      expect(await stage.driver.flush(cut, PATIENT)).toBe(0);
      expect(await stage.driver.flush({ listener: 'web', target }, PATIENT)).toBe(1);
      await until('the other to be cut', () => own.closed);
    } finally {
      silent.close().closeAllConnections();
    }
  });

  it('are chosen anew for each request of a connection', async () => {
    const { address, port } = await given().stage.serve(listener());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const found: string[] = [];
    const ports = new Set<unknown>();
    try {
      for (const path of ['/api', '/', '/api', '/x', '/api']) {
        const asked = get({ host: address, port, path, agent });
        const [reply] = (await once(asked, 'response')) as [IncomingMessage];
        ports.add(reply.socket.localPort);
        let body = '';
        for await (const part of reply) body += String(part);
        found.push((JSON.parse(body) as Echo).name);
      }
    } finally {
      agent.destroy();
    }
    expect(found).toEqual(['api1', 'web', 'api2', 'web', 'api1'].map(theOther(found[0]!)));
    expect(ports.size).toBe(1);
  });

  it('are as many as a listener may have policies, each with as many rules as these may have', async () => {
    const { stage } = given();
    const rulesOf = (at: number): NodeRule[] =>
      Array.from({ length: at === 99 ? 50 : 5 }, (_none, number) =>
        number === 0
          ? { type: 'path', compare: 'equal-to', value: `/p${at}` }
          : { type: 'header', key: `x-${number}`, compare: 'equal-to', value: 'there', invert: true },
      );
    const names = Array.from({ length: 100 }, (_none, at) => `pool ${at}`);
    const place = await stage.serve(
      listener({
        policies: names.map((name, at) => toPool(`p${at}`, name, rulesOf(at))),
        policyPools: names.map((name, at) => pool([], { name, targets: targetsOf([api[at % 2]!]) })),
      }),
    );
    const found: string[] = [];
    for (const at of [0, 1, 50, 99, 100]) found.push(await who(place, { path: `/p${at}` }));
    expect(found).toEqual(['api1', 'api2', 'api1', 'api2', 'web']);
    expect(await who(place, { path: '/p99', headers: { 'x-49': 'there' } })).toBe('web');
  });

  it('of two listeners are two, also under one name', async () => {
    const [first, second] = api as [EchoServer, EchoServer];
    const result = await given().stage.apply(
      listener({ policyPools: [pool([], { targets: targetsOf([first]) })] }),
      listener({ name: 'lab/web', policyPools: [pool([], { targets: targetsOf([second]) })] }),
    );
    const places = ['web', 'lab/web'].map((name) => placeOf(listenerOf(result, name)));
    const found = [];
    for (const place of places) found.push(await who(place, { path: '/api' }));
    expect(found).toEqual(['api1', 'api2']);
  });

  it('that HAProxy has no algorithm for are refused with their listener, and what served it goes on', async () => {
    const { stage } = given();
    const place = await stage.serve(listener());
    const odd = listener({ policyPools: [pool([], { algorithm: 'maglev', tableSize: 251 })] });
    expect(listenerOf(await stage.apply(odd), 'web')).toMatchObject({
      state: 'refused',
      error: {
        code: 'data-plane-refused',
        message: expect.stringContaining('of pool api: no algorithm maglev'),
      },
    });
    expect(await who(place, { path: '/api' })).toMatch(/^api/);
  });
});

/** The two names in turn, whichever of them was first. */
function theOther(first: string): (name: string) => string {
  const swapped: Readonly<Record<string, string>> = { api1: 'api2', api2: 'api1' };
  return (name) => (first === 'api1' ? name : (swapped[name] ?? name));
}
