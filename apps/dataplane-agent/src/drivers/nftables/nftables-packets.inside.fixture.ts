import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { type Place, Traffic } from '../named-servers.fixture.js';
import { type Answer, NftWorld, serversOf, WORLD } from './nft-world.fixture.js';

/** Where clients connect to. */
const PLACE: Place = { address: WORLD.vip, port: 80 };
const [A, B, C] = WORLD.servers;
const UDP = { protocol: 'udp' } as const;
const MAGLEV = { algorithm: 'maglev' } as const;

let world: NftWorld;
beforeAll(async () => {
  world = await NftWorld.open();
});
afterEach(() => world.clear());
afterAll(() => world.close());

const open = (count: number, place = PLACE): Promise<Answer[]> => world.client.do('open', count, place);
const send = (count: number, place = PLACE): Promise<Answer[]> => world.client.do('send', count, place);
const ask = (): Promise<Answer[]> => world.client.do('ask');
const sendAgain = (): Promise<Answer[]> => world.client.do('sendAgain');

// Reference load-balancing section 3: bounds of its trials
describe('new flows of a client on another machine', () => {
  it('take turns: 300 connections, 100/100/100', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    expect(serversOf(await open(300))).toEqual({ [A]: 100, [B]: 100, [C]: 100 });
  });

  it('take turns by weight: 300 flows of datagrams, 150/60/90', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener(UDP, [50, 20, 30]));
    expect(serversOf(await send(300))).toEqual({ [A]: 150, [B]: 60, [C]: 90 });
  });

  it.each(['tcp', 'udp'] as const)('are spread by Maglev over %s: 600, near 200 each', async (protocol) => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({ ...MAGLEV, protocol, tableSize: 4_093 }));
    const counts = serversOf(protocol === 'tcp' ? await open(600) : await send(600));
    expect(Object.keys(counts).sort()).toEqual([A, B, C]);
    // five times the deviation of 600 dice
    for (const count of Object.values(counts)) expect(Math.abs(count - 200)).toBeLessThan(58);
  });

  it('of one address have one target by source-hash', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({ algorithm: 'source-hash' }));
    expect(Object.values(serversOf(await open(30)))).toEqual([30]);
  });

  it('are balanced by IPv6 too, TCP and UDP', async () => {
    const { driver } = await world.stand();
    const targets = WORLD.servers6.map((address) => ({
      ...{ address, port: WORLD.serverPort, weight: 100, flushes: 0 },
    }));
    const six = { address: WORLD.vip6, targets };
    await world.apply(
      driver,
      world.listener({ ...six, ...MAGLEV, ...UDP, name: 'udp' }),
      world.listener({ ...six, name: 'web' }),
    );
    const place = { address: WORLD.vip6, port: 80 };
    const [one, other] = WORLD.servers6;
    expect(serversOf(await open(20, place))).toEqual({ [one]: 10, [other]: 10 });
    expect(Object.keys(serversOf(await send(60, place))).sort()).toEqual([one, other]);
  });

  it('come from the node in the eyes of targets, or from the client where the node is their router', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    expect(new Set((await open(3)).map((answer) => answer?.[1]))).toEqual(new Set([WORLD.nodeAtServers]));
    await world.clear();
    const router = await world.stand({ keepsSource: true });
    await world.apply(router.driver, world.listener());
    expect(new Set((await open(3)).map((answer) => answer?.[1]))).toEqual(new Set([WORLD.client]));
  });

  it.each([false, true])('of the node itself are balanced as well (keepsSource: %s)', async (keepsSource) => {
    const { driver } = await world.stand({ keepsSource });
    world.takeVip();
    await world.apply(driver, world.listener());
    const traffic = new Traffic();
    try {
      const names = [];
      for (let asked = 0; asked < 3; asked += 1) names.push((await traffic.ask(PLACE))?.split(' '));
      expect(names.map((name) => name?.[0]).sort()).toEqual([A, B, C]);
      expect(new Set(names.map((name) => name?.[1]))).toEqual(new Set([WORLD.nodeAtServers]));
    } finally {
      await traffic.close();
    }
  });
});

describe('flows that stand', () => {
  const drained = () => world.listener({}, [100, 0, 100]);

  it('all go on when a target is drained; what is new does not come to it', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    const before = await open(30);
    expect(await world.apply(driver, drained())).toBe(1);
    expect(await ask()).toEqual(before);
    expect(serversOf(await open(10))).toEqual({ [A]: 5, [C]: 5 });
  });

  it('of a target alone are cut by a flush, and clients that wait hear of it', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener());
    const before = await open(30);
    await world.apply(driver, drained());
    expect(await driver.flush(ofB(), PATIENT)).toBe(10);
    const isOfB = before.map((answer) => answer?.[0] === B);
    await until('clients of the target to hear of it', async () => {
      const cut = await world.client.do<boolean[]>('cut');
      return cut.every((isCut, index) => isCut === isOfB[index]);
    });
    expect(await ask()).toEqual(before.map((answer, index) => (isOfB[index] ? null : answer)));
    expect(await driver.flush(ofB(), PATIENT)).toBe(0);
  });

  it('are cut at a target that keeps its weight, and do not come to it again', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener({ ...MAGLEV, tableSize: 251 }));
    const before = await open(30);
    const cut = await driver.flush(ofB(), PATIENT);
    expect(cut).toBe(serversOf(before)[B]);
    expect(serversOf(await ask())['nobody']).toBe(cut);
  });

  it('of datagrams stay where they are until a flush', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, world.listener(UDP));
    const before = await send(30);
    await world.apply(driver, world.listener(UDP, [100, 0, 100]));
    expect(await sendAgain()).toEqual(before);
    expect(await driver.flush(ofB(), PATIENT)).toBe(10);
    const after = await sendAgain();
    expect(serversOf(after)[B]).toBeUndefined();
    after.forEach((answer, index) => {
      if (before[index]?.[0] !== B) expect(answer).toEqual(before[index]);
    });
  });

  it('30 of 30 go on when the kernel forgets them, with Maglev and its seed', async () => {
    const { driver } = await world.stand({ keepsSource: true });
    await world.apply(driver, world.listener(MAGLEV));
    const before = await open(30);
    world.forgetConnections();
    expect(await ask()).toEqual(before);
  });

  it('30 of 30 go on when another node takes over', async () => {
    const first = await world.stand({ keepsSource: true });
    await world.apply(first.driver, world.listener(MAGLEV));
    const before = await open(30);
    await first.end();
    const second = await world.stand({ keepsSource: true });
    world.forgetConnections();
    await world.apply(second.driver, world.listener(MAGLEV));
    expect(await ask()).toEqual(before);
  });

  it('do not all go on then by lot: it is the seed that does it', async () => {
    const { driver } = await world.stand({ keepsSource: true });
    await world.apply(driver, world.listener({ algorithm: 'random' }));
    const before = await open(30);
    world.forgetConnections();
    const after = await ask();
    expect(after.filter((answer, index) => answer && answer[0] === before[index]?.[0]).length).toBeLessThan(
      30,
    );
  });

  function ofB() {
    return { listener: 'web', target: { address: B, port: WORLD.serverPort } };
  }
});

describe('by IPv6', () => {
  const place = { address: WORLD.vip6, port: 80 };
  const [one, other] = WORLD.servers6;
  const six = (changes: Partial<NodeListener> = {}) =>
    world.listener({
      address: WORLD.vip6,
      targets: WORLD.servers6.map((address) => ({
        ...{ address, port: WORLD.serverPort, weight: 100, flushes: 0 },
      })),
      ...changes,
    });
  const target = { address: one, port: WORLD.serverPort };

  it('connections are cut, and clients hear of it', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, six());
    const before = await open(10, place);
    expect(await driver.flush({ listener: 'web', target }, PATIENT)).toBe(5);
    const isCut = before.map((answer) => answer?.[0] === one);
    await until('clients of the target to hear of it', async () =>
      isDeepStrictEqual(await world.client.do('cut'), isCut),
    );
    expect(serversOf(await ask())).toEqual({ nobody: 5, [other]: 5 });
  });

  it('clients belong to a target, and flows of datagrams are cut', async () => {
    const { driver } = await world.stand();
    await world.apply(driver, six({ ...UDP, affinity: { type: 'source-ip', timeoutMs: 60_000 } }));
    const [home = ''] = Object.keys(serversOf(await send(4, place)));
    expect(serversOf(await send(4, place))).toEqual({ [home]: 4 });
    const flush = { listener: 'web', target: { address: home, port: WORLD.serverPort } };
    expect(await driver.flush(flush, PATIENT)).toBe(8);
    expect(Object.values(serversOf(await sendAgain()))).toEqual([8]);
  });
});

describe('clients that belong to a target', () => {
  it('come back to it, and are new when it was flushed', async () => {
    const { driver } = await world.stand();
    const listener = world.listener({ affinity: { type: 'source-ip', timeoutMs: 60_000 } });
    await world.apply(driver, listener);
    const [home = ''] = Object.keys(serversOf(await open(10)));
    expect(serversOf(await open(10))).toEqual({ [home]: 10 });
    const target = { address: home, port: WORLD.serverPort };
    expect(await driver.flush({ listener: 'web', target }, PATIENT)).toBe(20);
    const [next = ''] = Object.keys(serversOf(await open(1)));
    expect(next).not.toBe(home);
    expect(serversOf(await open(10))).toEqual({ [next]: 10 });
  });

  it('stay with the one that they got while it had no weight', async () => {
    const { driver } = await world.stand();
    const affinity = { type: 'source-ip', timeoutMs: 60_000 } as const;
    await world.apply(driver, world.listener({ affinity }));
    const [home = ''] = Object.keys(serversOf(await open(2)));
    const without = WORLD.servers.map((server) => (server === home ? 0 : 100));
    await world.apply(driver, world.listener({ affinity }, without));
    const [next = ''] = Object.keys(serversOf(await open(2)));
    expect(next).not.toBe(home);
    await world.apply(driver, world.listener({ affinity }));
    expect(serversOf(await open(10))).toEqual({ [next]: 10 });
  });

  it('are remembered over a change of the others, and for as long as the listener says', async () => {
    const stand = await world.stand();
    const affinity = { type: 'source-ip', timeoutMs: 90_000 } as const;
    await world.apply(stand.driver, world.listener({ affinity }));
    const [home = ''] = Object.keys(serversOf(await open(2)));
    const others = WORLD.servers.map((server) => (server === home ? 100 : 1));
    await world.apply(stand.driver, world.listener({ affinity }, others));
    expect(serversOf(await open(10))).toEqual({ [home]: 10 });
    expect(await stand.nft('list', 'table', 'inet', stand.table)).toContain(
      `${WORLD.client} timeout 1m30s expires `,
    );
  });
});
