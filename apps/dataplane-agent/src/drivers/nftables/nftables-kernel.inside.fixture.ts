import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS } from '@signalbox/contracts';
import { createLog, readSiteConfig } from '@signalbox/runtime';
import { runCommand } from '@signalbox/testing';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { driverFactory } from '../driver-of.js';
import { DriverSlot } from '../driver-slot.js';
import { MemoryDriver, MemoryPlane } from '../memory-driver.fixture.js';
import { ProcessPortMemory } from '../port-memory.js';
import type { Answer } from './nft-world.fixture.js';
import { NftWorld, serversOf, WORLD } from './nft-world.fixture.js';
import { NftTable } from './nft-table.js';
import { NftTime } from './nft-time.js';
import { CONNTRACK, NFT } from './nftables.fixture.js';

const PLACE = { address: WORLD.vip, port: 80 };
const [A, B, C] = WORLD.servers;
const EVEN = { [A]: 10, [B]: 10, [C]: 10 };

let world: NftWorld;
beforeAll(async () => {
  world = await NftWorld.open();
});
afterEach(() => world.clear());
afterAll(() => world.close());

const open = (count: number, place = PLACE): Promise<Answer[]> => world.client.do('open', count, place);

describe('a transaction', () => {
  it('with an error changes nothing', async () => {
    const { driver, table } = await world.stand();
    await world.apply(driver, world.listener());
    const before = await driver.observe(PATIENT);
    const own = new NftTable(table, NFT ?? '', { keepsSource: false });
    const script = `flush chain inet ${table} choose_prerouting\nadd rule inet ${table} no_chain accept\n`;
    await expect(own.change(script, new NftTime(PATIENT))).rejects.toMatchObject({
      code: 'data-plane-unavailable',
    });
    expect(await driver.observe(PATIENT)).toEqual(before);
    expect(serversOf(await open(30))).toEqual(EVEN);
  });

  it('that the program does not understand is refused for good', async () => {
    const { table } = await world.stand();
    const own = new NftTable(table, NFT ?? '', { keepsSource: false });
    await expect(own.change('add nonsense\n', new NftTime(PATIENT))).rejects.toMatchObject({
      code: 'data-plane-refused',
    });
  });

  it('is none when a program is missing, and the error says what to install', async () => {
    const { driver } = await world.stand({ nft: '/no/such/nft' });
    await expect(world.apply(driver, world.listener())).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining('install the packages nftables and conntrack'),
    });
  });
});

describe('the node of an agent', () => {
  it('has a table of its name, made as its environment says', async () => {
    const env = {
      SIGNALBOX_LB_NODE: 'lab/edge',
      SIGNALBOX_NFTABLES_SOURCE: 'client',
      NATS_URL: 'nats://127.0.0.1',
    };
    const config = readSiteConfig({ ...env, SIGNALBOX_NFT_BIN: NFT }, { withoutStore: true });
    const driver = await driverFactory(config, new ProcessPortMemory(), createLog('silent'))('nftables');
    const stand = await world.stand({ node: 'lab/edge' });
    await driver.apply({ node: 'lab/edge', generation: 1, listeners: [world.listener()] }, PATIENT);
    expect((await open(3)).map((answer) => answer?.[1])).toEqual([WORLD.client, WORLD.client, WORLD.client]);
    expect(await stand.nft('list', 'tables')).toContain(`table inet ${stand.table}\n`);
    expect(stand.table).toMatch(/^signalbox_x-[0-9a-f]{16}$/);
    await driver.close();
    expect(serversOf(await open(3))).toEqual({ [A]: 1, [B]: 1, [C]: 1 });
  });
});

describe('a node that gets another driver', () => {
  it('lets go of its listeners, and what is connected goes on', async () => {
    const stand = await world.stand();
    const plane = new MemoryPlane();
    const slot = new DriverSlot((name) =>
      name === 'nftables' ? stand.driver : new MemoryDriver(plane, new ProcessPortMemory()),
    );
    const desired = { node: 'n1', generation: 1, listeners: [world.listener()] };
    await (await slot.take('nftables')).apply(desired, PATIENT);
    const before = await open(3);
    await slot.take('sim');
    expect(await (await stand.again()).observe(PATIENT)).toEqual([]);
    expect(await world.client.do('ask')).toEqual(before);
    await slot.close();
  });

  it('keeps the one that does not let go', async () => {
    const stand = await world.stand();
    const lost = await stand.again({ nft: '/no/such/nft' });
    const slot = new DriverSlot((name) => (name === 'nftables' ? lost : stand.driver));
    await slot.take('nftables');
    await expect(slot.take('sim')).rejects.toMatchObject({ code: 'data-plane-unavailable' });
    expect(slot.current).toBe(lost);
  });
});

describe('what somebody else changes', () => {
  it.each<[string, (table: string) => string[]]>([
    ['the table is gone', (table) => ['delete', 'table', 'inet', table]],
    ['a chain has no rules', (table) => ['flush', 'chain', 'inet', table, 'choose_prerouting']],
    ['a rule came', (table) => ['add', 'rule', 'inet', table, 'count', 'drop']],
    [
      'nothing leads to the listener',
      (table) => ['delete', 'element', 'inet', table, 'd4', `{ tcp . ${WORLD.vip} . 80 }`],
    ],
  ])('is found and undone: %s', async (_what, change) => {
    const stand = await world.stand();
    const listener = world.listener();
    await world.apply(stand.driver, listener);
    expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
    await stand.nft(...change(stand.table));
    expect(await stand.driver.observe(PATIENT)).toEqual([]);
    expect(await world.apply(stand.driver, listener)).toBeGreaterThan(0);
    expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
    expect(serversOf(await open(30))).toEqual(EVEN);
    expect(await world.apply(stand.driver, listener)).toBe(0);
  });

  it('is found by the next agent before it changes anything', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    await stand.nft('flush', 'chain', 'inet', stand.table, 'choose_output');
    const next = await stand.again();
    expect(await world.apply(next, world.listener())).toBeGreaterThan(0);
    expect(await next.observe(PATIENT)).toHaveLength(1);
  });

  it('in tables of others is none of our business', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    await stand.nft('add', 'table', 'inet', 'theirs');
    try {
      expect(await world.apply(stand.driver, world.listener())).toBe(0);
      await stand.driver.apply({ node: 'n1', generation: 99, listeners: [] }, PATIENT);
      expect(await stand.nft('list', 'tables')).toContain('theirs');
    } finally {
      await stand.nft('delete', 'table', 'inet', 'theirs');
    }
  });

  it('by another setting of the agent is a change of the table, and flows go on', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    const before = await open(30);
    const next = await stand.again({ keepsSource: true });
    expect(await world.apply(next, world.listener())).toBeGreaterThan(0);
    expect(await world.client.do('ask')).toEqual(before);
  });
});

describe('a flow of datagrams', () => {
  it('is kept as long as the listener says', async () => {
    const { driver } = await world.stand();
    const timeouts = { ...DEFAULT_TIMEOUTS, targetMs: 6_500 };
    await world.apply(driver, world.listener({ protocol: 'udp', timeouts }));
    await world.client.do('send', 1, PLACE);
    const { stdout } = await runCommand(CONNTRACK ?? '', ['-L', '-p', 'udp', '--orig-dst', WORLD.vip]);
    const seconds = Number(/^udp\s+17 (\d+) /.exec(stdout)?.[1]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(7);
  });
});

describe('a listener whose targets are on other machines', () => {
  it('is warned of where this one does not forward', async () => {
    const { driver } = await world.stand();
    const warned = async () => {
      const desired = { node: 'n1', generation: 1, listeners: [world.listener()] };
      const [web] = (await driver.apply(desired, PATIENT)).listeners;
      return web?.state === 'applied' ? web.warning : web;
    };
    expect(await warned()).toBeUndefined();
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
    try {
      expect(await warned()).toContain('net.ipv4.ip_forward');
    } finally {
      writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    }
  });
});

describe('counters', () => {
  it('only grow, however often they are looked at and whatever changes, until a target leaves', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    let before = 0;
    for (const weights of [
      [100, 100, 100],
      [100, 0, 100],
      [100, 100, 100],
    ]) {
      await world.apply(driver, world.listener({}, weights));
      await open(6);
      const [web] = await driver.counters(PATIENT);
      expect(web?.connectionsTotal).toBe(before + 6);
      expect(await driver.counters(PATIENT)).toEqual([web]);
      before += 6;
    }
    const [, ...fewer] = world.listener().targets;
    await open(2);
    await world.apply(driver, world.listener({ targets: fewer }));
    await open(2);
    const [web] = await driver.counters(PATIENT);
    expect(web?.connectionsTotal).toBe(before + 4);
    expect(web?.targets).toHaveLength(2);
  });

  it('of the next agent begin at 0, and count what comes from then on', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener());
    await open(3);
    await stand.driver.counters(PATIENT);
    const next = await stand.again();
    await world.apply(next, world.listener());
    expect((await next.counters(PATIENT))[0]).toMatchObject({ connectionsTotal: 0, connections: 3 });
    await open(3);
    expect((await next.counters(PATIENT))[0]).toMatchObject({ connectionsTotal: 3, connections: 6 });
  });

  it('are right beside a table of 65,537 slots, and stay so when some of these change hands', async () => {
    const stand = await world.stand();
    await world.apply(stand.driver, world.listener({ algorithm: 'maglev', tableSize: 65_537 }));
    const answers = await open(30);
    const [web] = await stand.driver.counters(PATIENT);
    expect(web?.targets.map(({ connectionsTotal }) => connectionsTotal)).toEqual(
      WORLD.servers.map((server) => serversOf(answers)[server] ?? 0),
    );
    expect(await world.apply(stand.driver, world.listener({ algorithm: 'maglev', tableSize: 65_537 }))).toBe(
      0,
    );
    const less = world.listener({ algorithm: 'maglev', tableSize: 65_537 }, [100, 50, 100]);
    expect(await world.apply(stand.driver, less)).toBe(1);
    expect(await stand.driver.observe(PATIENT)).toHaveLength(1);
  });
});
