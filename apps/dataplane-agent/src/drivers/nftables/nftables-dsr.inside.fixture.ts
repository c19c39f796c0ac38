import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import type { ApplyResult } from '../driver.js';
import { DSR_WORLD, DsrWorld } from './dsr-world.fixture.js';
import { ip, serversOf } from './nft-world.fixture.js';

const { vip, vip6, client } = DSR_WORLD;
const [A, B, C] = DSR_WORLD.targets;
const UDP = { protocol: 'udp' } as const;
const SIX = { address: vip6 };

let world: DsrWorld;
beforeAll(async () => {
  world = await DsrWorld.open();
});
afterEach(() => world.clear());
afterAll(() => world.close());

const warningOf = ({ listeners: [web] }: ApplyResult): string | undefined =>
  web?.state === 'applied' ? web.warning : JSON.stringify(web);

// Reference load-balancing section 3: bounds of its trials
describe('targets that answer clients themselves', () => {
  it('share 300 connections, of which the node keeps nothing, and see the client', async () => {
    const { driver } = await world.stand();
    const result = await world.apply(driver, world.listener({ tableSize: 4_093 }));
    expect(warningOf(result)).toBeUndefined();
    const answers = await world.open(300);
    const counts = serversOf(answers);
    expect(Object.keys(counts).sort()).toEqual([A, B, C]);
    // five times the deviation of 300 dice
    for (const count of Object.values(counts)) expect(Math.abs(count - 100)).toBeLessThan(41);
    expect(new Set(answers.map((answer) => answer?.[1]))).toEqual(new Set([client]));
    expect(await world.trackedConnections()).toBe(0);
  });

  it('share 90 flows of datagrams, and answer from the VIP', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener(UDP));
    const answers = await world.send(90);
    expect(Object.keys(serversOf(answers)).sort()).toEqual([A, B, C]);
    expect(new Set(answers.map((answer) => answer?.[2]))).toEqual(new Set([vip]));
    expect(await world.trackedConnections()).toBe(0);
  });

  it('get nothing through the node but what clients say', async () => {
    const stand = await world.stand();
    await stand.nft('add', 'table', 'netdev', 'watch');
    try {
      for (const [name, hook] of [
        ['came', 'ingress'],
        ['went', 'egress'],
      ] as const) {
        const place = `{ type filter hook ${hook} device "${DSR_WORLD.device}" priority -100; }`;
        await stand.nft('add', 'chain', 'netdev', 'watch', name, place);
        await stand.nft('add', 'rule', 'netdev', 'watch', name, 'ip', 'saddr', vip, 'counter', 'drop');
      }
      await world.apply(stand.driver, world.listener());
      expect(serversOf(await world.open(30))['nobody']).toBeUndefined();
      const watched = await stand.nft('list', 'table', 'netdev', 'watch');
      expect(watched.match(/counter packets 0 bytes 0 drop/g)).toHaveLength(2);
    } finally {
      await stand.nft('delete', 'table', 'netdev', 'watch');
    }
  });

  it('are the same for all connections of a client by source-hash', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({ algorithm: 'source-hash' }));
    expect(Object.values(serversOf(await world.open(20)))).toEqual([20]);
  });

  it('serve IPv6 too, TCP and UDP', async () => {
    const { driver } = await world.stand();
    const [tcp, udp] = [world.listener(SIX), world.listener({ ...SIX, ...UDP, name: 'udp' })];
    expect(warningOf(await world.apply(driver, tcp, udp))).toBeUndefined();
    expect(Object.keys(serversOf(await world.open(60, vip6))).sort()).toEqual(DSR_WORLD.targets6);
    const answers = await world.send(60, vip6);
    expect(Object.keys(serversOf(answers)).sort()).toEqual(DSR_WORLD.targets6);
    expect(new Set(answers.map((answer) => answer?.[2]))).toEqual(new Set([vip6]));
    expect(await world.trackedConnections()).toBe(0);
  });

  it('are chosen alike by another node that knows nothing: 30 of 30 connections go on there', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    const before = await world.open(30);
    const other = await world.otherNode();
    await world.apply(other.driver, world.listener());
    world.leadClientTo('node2');
    expect(await world.ask()).toEqual(before);
    world.leadClientTo('node');
    expect(await world.ask()).toEqual(before);
  });

  it('lose their connections when they are drained, and only these; there is nothing more to cut', async () => {
    const { driver } = await world.stand();
    const tableSize = 4_093;
    await world.apply(driver, world.listener({ tableSize }));
    const before = await world.open(60);
    await world.apply(driver, world.listener({ tableSize }, [100, 0, 100]));
    const target = { address: B, port: DSR_WORLD.port };
    expect(await driver.flush({ listener: 'web', target }, PATIENT)).toBe(0);
    const after = await world.ask();
    const kept = before.map((answer) => (answer?.[0] === B ? null : answer));
    // few slots of the others change hands as well: at most the share that Maglev moves
    const moved = after.filter((answer, at) => answer === null && kept[at] !== null).length;
    expect(moved).toBeLessThanOrEqual(6);
    for (const [at, answer] of kept.entries()) if (answer === null) expect(after[at]).toBeNull();
    expect(serversOf(await world.open(30))[B]).toBeUndefined();
  });

  it('with no weight at all leave clients refused, and counted', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({}, [0, 0, 0]));
    expect(serversOf(await world.open(3))).toEqual({ nobody: 3 });
    expect((await driver.counters(PATIENT))[0]).toMatchObject({ refusedTotal: 3, connectionsTotal: 0 });
  });

  it('get no datagram in parts: who sends one is told', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener(UDP));
    const place = { address: vip, port: DSR_WORLD.port };
    expect(await world.client.do('refused', 1_000, place)).toBe('answered');
    expect(await world.client.do('refused', 4_000, place)).toBe('ECONNREFUSED');
  });

  it('are counted by what clients say', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    const counts = serversOf(await world.open(30));
    const [web] = await driver.counters(PATIENT);
    expect(web).toMatchObject({ connectionsTotal: 30, connections: 0, refusedTotal: 0, bytesOut: 0 });
    expect(web?.targets.map(({ connectionsTotal }) => connectionsTotal)).toEqual(
      [A, B, C].map((target) => counts[target] ?? 0),
    );
    expect(web?.targets.reduce((sum, { bytesIn }) => sum + bytesIn, 0)).toBe(web?.bytesIn);
    expect(web?.bytesIn).toBeGreaterThan(30 * 40);
    await world.apply(driver, world.listener({}, [100, 50, 100]));
    await world.open(10);
    expect((await driver.counters(PATIENT))[0]).toMatchObject({ connectionsTotal: 40 });
  });
});

describe('an agent that comes again', () => {
  it('finds all as it was, and changes nothing', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener(), world.listener({ ...SIX, ...UDP, name: 'udp' }));
    const before = await world.open(30);
    await stand.driver.close();
    const next = await stand.again();
    expect(
      (await world.apply(next, world.listener(), world.listener({ ...SIX, ...UDP, name: 'udp' }))).writes,
    ).toBe(0);
    expect((await next.observe(PATIENT)).map(({ name }) => name)).toEqual(['udp', 'web']);
    expect(await next.isOutsideChanged()).toBe(false);
    expect(await world.ask()).toEqual(before);
    await next.close();
  });

  it('is not needed meanwhile', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    await stand.driver.close();
    expect(serversOf(await world.open(30))['nobody']).toBeUndefined();
  });
});

describe('a target on the segment', () => {
  it('is followed when its address on the wire changes, though it says nothing', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({}, [0, 100, 0]));
    expect(serversOf(await world.open(3))).toEqual({ [B]: 3 });
    world.changeMac('t2', '02:00:00:00:00:42');
    await until('the target to answer', async () => {
      return serversOf(await world.open(1))[B] === 1;
    });
  });

  it('that does not answer gets nothing, which is said, until it does, which is seen', async () => {
    const { driver } = await world.stand();
    world.setPlug('t2', 'down');
    ip('neigh', 'flush', 'dev', DSR_WORLD.device);
    const lost = await world.apply(driver, world.listener());
    expect(warningOf(lost)).toBe(
      `target ${B} gets no traffic: nobody on ${DSR_WORLD.device} says that the address is theirs`,
    );
    expect(serversOf(await world.open(30))).toEqual({ [A]: expect.any(Number), [C]: expect.any(Number) });
    expect((await driver.observe(PATIENT)).map(({ targets }) => targets.map(({ weight }) => weight))).toEqual(
      [[100, 100, 100]],
    );
    let isTold = false;
    driver.onOutsideChange(() => (isTold = true));
    expect(await driver.isOutsideChanged()).toBe(false);
    world.setPlug('t2', 'up');
    await until('the driver to say that it is time for a look', () => isTold);
    expect(warningOf(await world.apply(driver, world.listener()))).toBeUndefined();
    expect(serversOf(await world.open(60))[B]).toBeGreaterThan(0);
  });

  it('cannot be behind a router, nowhere, or the node itself', async () => {
    const { driver } = await world.stand();
    ip('route', 'add', '10.9.0.0/24', 'via', A);
    try {
      const places = ['10.9.0.1', '10.77.0.1', DSR_WORLD.node];
      const targets = places.map((address) => ({
        ...{ address, port: DSR_WORLD.port },
        weight: 100,
        flushes: 0,
      }));
      const warning = warningOf(await world.apply(driver, world.listener({ targets })));
      expect(warning).toContain(`target 10.9.0.1 gets no traffic: it is behind the router ${A}`);
      expect(warning).toContain('target 10.77.0.1 gets no traffic: no route leads there');
      expect(warning).toContain(`target ${DSR_WORLD.node} gets no traffic: it is this machine`);
      expect(serversOf(await world.open(2))).toEqual({ nobody: 2 });
    } finally {
      ip('route', 'del', '10.9.0.0/24', 'via', A);
    }
  });
});

describe('a machine that cannot do it', () => {
  const nat = () => {
    const { forwarding: _dsr, ...rest } = world.listener({ name: 'nat', port: 81 });
    return rest;
  };
  const both = (weights?: readonly number[]) => ({
    ...{ node: 'n1', generation: 1 },
    listeners: [nat(), world.listener({}, weights)],
  });

  it('refuses these listeners alone, and says what is missing', async () => {
    const { driver } = await world.stand({ ip: '/no/such/ip' });
    const { listeners } = await driver.apply(both(), PATIENT);
    expect(listeners).toMatchObject([
      { name: 'nat', state: 'applied' },
      { name: 'web', state: 'refused', error: { code: 'data-plane-unavailable' } },
    ]);
    expect(JSON.stringify(listeners)).toContain('iproute2');
    expect((await driver.observe(PATIENT)).map(({ name }) => name)).toEqual(['nat']);
  });

  it('lets go on what stands of them', async () => {
    const stand = await world.stand();
    await stand.driver.apply(both(), PATIENT);
    await stand.driver.close();
    const next = await stand.again({ ip: '/no/such/ip' });
    const { listeners, writes } = await next.apply(both([100, 0, 100]), PATIENT);
    expect(listeners.map(({ state }) => state)).toEqual(['applied', 'refused']);
    expect(writes).toBe(0);
    expect(await next.isOutsideChanged()).toBe(true);
    expect((await next.observe(PATIENT)).map(({ name }) => name)).toEqual(['nat', 'web']);
    expect(serversOf(await world.open(60))[B]).toBeGreaterThan(0);
    await next.close();
  });

  it('as its kernel knows no such tables, is told apart as well', async () => {
    const { driver } = await world.stand({ nft: await world.withoutNetdev() });
    const { listeners } = await driver.apply(both(), PATIENT);
    expect(listeners).toMatchObject([
      { name: 'nat', state: 'applied' },
      { name: 'web', state: 'refused', error: { code: 'data-plane-refused' } },
    ]);
  });
});

describe('devices by which clients come', () => {
  it('are followed when they come and go', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    const hooks = async () =>
      Array.from(
        (await stand.nft('list', 'table', 'netdev', stand.table)).matchAll(/device "(\w+)" priority/g),
        ([, name]) => name,
      ).sort();
    expect(await hooks()).toEqual([DSR_WORLD.device]);
    ip('link', 'add', 'extra0', 'type', 'veth', 'peer', 'name', 'extra1');
    for (const link of ['extra0', 'extra1']) ip('link', 'set', link, 'up');
    expect(await stand.driver.isOutsideChanged()).toBe(true);
    expect((await world.apply(stand.driver, world.listener())).writes).toBe(1);
    expect(await hooks()).toEqual(['extra0', 'extra1', DSR_WORLD.device]);
    ip('link', 'del', 'extra0');
    await world.apply(stand.driver, world.listener());
    expect(await hooks()).toEqual([DSR_WORLD.device]);
    expect(await stand.driver.isOutsideChanged()).toBe(false);
  });

  it('are those that the agent is told', async () => {
    const stand = await world.stand({ clientDevices: ['wan0'] });
    await world.apply(stand.driver, world.listener());
    expect(await stand.nft('list', 'table', 'netdev', stand.table)).not.toContain('hook ingress');
    // by any other device they find nobody
    expect(serversOf(await world.open(1))).toEqual({ nobody: 1 });
  });
});

describe('tables of both families', () => {
  it('are one transaction: a listener changes from one kind to the other and back', async () => {
    const stand = await world.stand();
    const { forwarding: _dsr, ...nat } = world.listener();
    for (const listener of [nat, world.listener(), nat, world.listener()]) {
      expect((await world.apply(stand.driver, listener)).writes).toBeGreaterThan(0);
      expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
      expect((await world.apply(stand.driver, listener)).writes).toBe(0);
    }
    expect(serversOf(await world.open(3))['nobody']).toBeUndefined();
  });

  it('go when the node lets go, and those of others stay', async () => {
    const stand = await world.stand();
    await stand.nft('add', 'table', 'netdev', 'theirs');
    try {
      await world.apply(stand.driver, world.listener());
      await stand.driver.retire(PATIENT);
      const tables = await stand.nft('list', 'tables');
      expect(tables).not.toContain(`table netdev ${stand.table}\n`);
      expect(tables).toContain('table netdev theirs\n');
      expect(await stand.driver.observe(PATIENT)).toEqual([]);
    } finally {
      await stand.nft('delete', 'table', 'netdev', 'theirs');
    }
  });

  it.each<[string, (table: string) => string[]]>([
    ['the table is gone', (table) => ['delete', 'table', 'netdev', table]],
    ['the other table is gone', (table) => ['delete', 'table', 'inet', table]],
    ['a chain has no rules', (table) => ['flush', 'chain', 'netdev', table, 'choose']],
    // one that drops would take the answers of neighbours away as well
    ['a rule came', (table) => ['add', 'rule', 'netdev', table, 'choose', 'accept']],
    [
      'nothing leads to the listener',
      (table) => ['delete', 'element', 'netdev', table, 'd4', `{ tcp . ${vip} . 80 }`],
    ],
  ])('are read back, and what somebody else changes is undone: %s', async (_what, change) => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
    await stand.nft(...change(stand.table));
    expect(await stand.driver.observe(PATIENT)).toEqual([]);
    expect((await world.apply(stand.driver, world.listener())).writes).toBeGreaterThan(0);
    expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
    expect(serversOf(await world.open(10))['nobody']).toBeUndefined();
  });

  it('lose the chain of a device to somebody else, and get it back', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    const [, chain = ''] =
      /chain (in_\w+)/.exec(await stand.nft('list', 'table', 'netdev', stand.table)) ?? [];
    await stand.nft('delete', 'chain', 'netdev', stand.table, chain);
    expect(await stand.driver.observe(PATIENT)).toEqual([]);
    expect((await world.apply(stand.driver, world.listener())).writes).toBe(1);
    expect(serversOf(await world.open(3))['nobody']).toBeUndefined();
  });
});
