import { afterEach, describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { choiceOf } from '../../domain/choice.js';
import type { Origin } from '../named-servers.fixture.js';
import { tallied } from '../named-datagrams.fixture.js';
import { type DriverStage, listenerOf } from '../contract/driver-stage.fixture.js';
import type { Place } from '../place.js';
import { simStage } from './sim-stage.fixture.js';

/** Clients of a network that only tests have, so that their ports are free. */
const CLIENTS = Array.from({ length: 600 }, (_none, index) => ({
  address: `127.9.${index >> 8}.${index & 255}`,
  port: 20_000 + (index % 7),
}));

/** How far a share may be from its weight: six standard deviations of the smallest, 120 of 600. */
const STRAY = 0.5;

describe('whom sim sends new connections', () => {
  const stages: DriverStage[] = [];
  const open = async (...options: Parameters<typeof simStage>): Promise<DriverStage> => {
    const stage = await simStage(...options);
    stages.push(stage);
    return stage;
  };
  afterEach(async () => {
    await Promise.all(stages.splice(0).map((stage) => stage.close()));
  });

  it.each<[string, Partial<NodeListener>]>([
    ['source-hash', { algorithm: 'source-hash' }],
    ['maglev', { algorithm: 'maglev', tableSize: 2_039 }],
  ])('%s: 600 clients are shared out by weight, each where its table says', async (_what, chosen) => {
    const stage = await open();
    const listener = stage.listener({ ...chosen, targets: stage.targets([50, 20, 30]) });
    const homes = await homesOf(stage, await stage.serve(listener), CLIENTS);
    const counts = tallied(homes);
    for (const [name, share] of Object.entries({ a: 300, b: 120, c: 180 })) {
      expect(Math.abs((counts[name] ?? 0) - share) / share).toBeLessThan(STRAY);
    }
    const table = choiceOf(listener, () => 0);
    const told = CLIENTS.map((client) => listener.targets[table.choose(client, () => 0) ?? -1]?.port);
    expect(homes).toEqual(told.map((port) => stage.servers.find((server) => server.port === port)?.name));
  });

  it('source-hash: a drain moves the clients of the drained target alone, and its end brings them back', async () => {
    const stage = await open();
    const few = CLIENTS.slice(0, 200);
    const listener = stage.listener({ algorithm: 'source-hash' });
    const place = await stage.serve(listener);
    const before = await homesOf(stage, place, few);
    await stage.serve({ ...listener, targets: stage.targets([100, 0, 100]) });
    const during = await homesOf(stage, place, few);
    expect(during).not.toContain('b');
    const moved = before.filter((home, index) => home !== 'b' && home !== during[index]);
    expect(moved.length / before.length).toBeLessThan(0.02);
    await stage.serve(listener);
    expect(await homesOf(stage, place, few)).toEqual(before);
  });

  it('maglev: two nodes have one table, and send each client to one target', async () => {
    const [one, other] = [await open(), await open()];
    const listener = maglev(one, [100, 100, 100]);
    const [first, second] = [await one.apply(listener), await other.apply(listener)];
    const digests = [first, second].map((result) => listenerOf(result, 'web')).map(digestOf);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
    const few = CLIENTS.slice(0, 60);
    const atOne = await homesOf(one, await one.serve(listener), few);
    expect(await homesOf(other, await other.serve(listener), few)).toEqual(atOne);
    expect(new Set(atOne).size).toBe(3);
  });

  it('maglev: a small table is applied with a warning, a table that is none is refused', async () => {
    const stage = await open();
    const small = listenerOf(await stage.apply({ ...maglev(stage, [1, 1, 1]), tableSize: 251 }), 'web');
    expect(small).toMatchObject({ state: 'applied', warning: expect.stringContaining('251') });
    const none = listenerOf(await stage.apply({ ...maglev(stage, [1, 1, 1]), tableSize: 250 }), 'web');
    expect(none).toMatchObject({
      state: 'refused',
      error: { code: 'data-plane-refused', message: expect.stringContaining('250') },
    });
  });

  it('random: as the numbers say', async () => {
    const numbers = [0.1, 0.6, 0.8, 0.99];
    const stage = await open({ random: () => numbers.shift() ?? 0 });
    const targets = stage.targets([50, 20, 30]);
    const place = await stage.serve(stage.listener({ algorithm: 'random', targets }));
    const names = [];
    for (let asked = 0; asked < 4; asked += 1) names.push(await stage.traffic.ask(place));
    const ordered = targets.map(({ port }) => stage.servers.find((server) => server.port === port));
    const nameAt = (share: number) => {
      let left = share * 100;
      return ordered[targets.findIndex(({ weight }) => (left -= weight) < 0)]?.name;
    };
    expect(names).toEqual([0.1, 0.6, 0.8, 0.99].map(nameAt));
  });

  it('source-ip affinity: a client that was silent for too long is new', async () => {
    let clock = 0;
    const stage = await open({ now: () => clock });
    const affinity = { type: 'source-ip', timeoutMs: 1_000 } as const;
    const place = await stage.serve(stage.listener({ affinity }));
    const first = await stage.traffic.ask(place);
    clock = 1_000;
    expect(await stage.traffic.ask(place)).toBe(first);
    clock = 2_000;
    expect(await stage.traffic.ask(place)).toBe(first);
    clock = 3_001;
    expect(await stage.traffic.ask(place)).not.toBe(first);
  });

  it('source-ip affinity: a client keeps its target when the targets come in another order', async () => {
    const stage = await open({ now: () => 0 });
    const affinity = { type: 'source-ip', timeoutMs: 1_000 } as const;
    const listener = stage.listener({ affinity });
    const place = await stage.serve(listener);
    const first = await stage.traffic.ask(place);
    const turned = { ...listener, connectionLimit: 9, targets: [...listener.targets].reverse() };
    await stage.serve(turned);
    expect(await stage.traffic.ask(place)).toBe(first);
    await stage.serve({ ...turned, affinity: { ...affinity, timeoutMs: 2_000 } });
    const home = await stage.traffic.ask(place);
    expect(await stage.traffic.tally(place, 3)).toEqual({ [home ?? '']: 3 });
  });

  it('source-ip affinity: a flush forgets whose client it was', async () => {
    const stage = await open({ now: () => 0 });
    const affinity = { type: 'source-ip', timeoutMs: 1_000 } as const;
    const place = await stage.serve(stage.listener({ affinity }));
    const first = await stage.traffic.ask(place);
    const home = stage.servers.find(({ name }) => name === first);
    await stage.flush(home ?? { address: '', port: 0 });
    expect(await stage.traffic.ask(place)).not.toBe(first);
  });
});

function maglev(stage: DriverStage, weights: readonly number[]): NodeListener {
  return stage.listener({ algorithm: 'maglev', tableSize: 2_039, targets: stage.targets(weights) });
}

function digestOf(listener: object): unknown {
  return 'tableDigest' in listener ? listener.tableDigest : undefined;
}

/** Who answers each of the clients, in their order. */
async function homesOf(stage: DriverStage, place: Place, clients: readonly Origin[]): Promise<string[]> {
  const homes: string[] = [];
  for (const client of clients) homes.push((await stage.traffic.ask(place, client)) ?? 'nobody');
  return homes;
}
