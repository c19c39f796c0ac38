import { describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { tallied } from '../named-datagrams.fixture.js';
import type { LineClient, Place } from '../named-servers.fixture.js';
import type { DriverStage, DriverTraits, Stage } from './driver-stage.fixture.js';

/** What becomes of connections that stand, and of those that find no target. */
export function describeConnections(stage: Stage, { translatesPackets }: DriverTraits): void {
  describe('connections', () => {
    it('stand while targets are added and removed', async () => {
      const [a, b, c] = stage().servers;
      if (!a || !b || !c) throw new Error('three servers');
      const { traffic } = stage();
      const place = await stage().serve(stage().listener({ targets: stage().targets([100, 100], [a, b]) }));
      const [first, second] = await standing(stage(), place, 2);
      expect([await first?.ask(), await second?.ask()].sort()).toEqual(['a', 'b']);

      await stage().serve(stage().listener({ targets: stage().targets([100, 100, 100], [a, b, c]) }));
      expect(Object.keys(await traffic.tally(place, 9)).sort()).toEqual(['a', 'b', 'c']);
      await stage().serve(stage().listener({ targets: stage().targets([100, 100], [b, c]) }));
      expect(await traffic.tally(place, 10)).toEqual({ b: 5, c: 5 });
      expect([await first?.ask(), await second?.ask()].sort()).toEqual(['a', 'b']);
    });

    it('stand when their listener goes, which takes no more', async () => {
      const place = await stage().serve(stage().listener(), stage().listener({ name: 'mail', port: 25 }));
      const [client] = await standing(stage(), place, 1);
      const name = await client?.ask();
      await stage().serve(stage().listener({ name: 'mail', port: 25 }));
      expect(await stage().traffic.isOpen(place)).toBe(false);
      expect(await client?.ask()).toBe(name);
    });

    it('are cut by flush: exactly those of the target, which tells how many', async () => {
      const place = await stage().serve(stage().listener());
      const clients = await standing(stage(), place, 9);
      const names = await Promise.all(clients.map((client) => client.ask()));
      const [, b] = stage().servers;
      if (!b) throw new Error('three servers');
      expect(await stage().flush(b)).toBe(3);
      const cut = clients.filter((_client, index) => names[index] === 'b');
      await until('the connections to be cut', () => cut.every(({ closed }) => closed));
      const others = clients.filter((_client, index) => names[index] !== 'b');
      expect(await Promise.all(others.map((client) => client.ask()))).toEqual(
        names.filter((name) => name !== 'b'),
      );
      expect(await stage().flush(b)).toBe(0);
    });

    it('are cut by flush at a target that has no weight any more', async () => {
      const place = await stage().serve(stage().listener());
      const clients = await standing(stage(), place, 6);
      await stage().serve(stage().listener({ targets: stage().targets([0, 100, 100]) }));
      const [a] = stage().servers;
      if (!a) throw new Error('three servers');
      expect(await stage().flush(a)).toBe(2);
      await until('both to be cut', () => clients.filter(({ closed }) => closed).length === 2);
    });

    it('are none to cut at what is not there', async () => {
      await stage().serve(stage().listener());
      const [a] = stage().servers;
      if (!a) throw new Error('three servers');
      expect(await stage().flush(a, 'no-such-listener')).toBe(0);
      expect(await stage().flush({ address: '192.0.2.99', port: 9 })).toBe(0);
    });

    it.each([
      ['no target', (given: DriverStage) => given.targets([], [])],
      ['no target with a weight', (given: DriverStage) => given.targets([0, 0, 0])],
    ])('are closed at once when there is %s, and counted', async (_what, targets) => {
      const place = await stage().serve(stage().listener({ targets: targets(stage()) }));
      if (translatesPackets) {
        for (let asked = 0; asked < 3; asked += 1) expect(await stage().traffic.isOpen(place)).toBe(false);
      } else {
        expect(await stage().traffic.tally(place, 3)).toEqual({ nobody: 3 });
      }
      await until('three to be counted', async () => (await stage().countersOf('web')).refusedTotal === 3);
    });

    if (translatesPackets) {
      it('are refused by a target that refuses them, and counted, and the others are served', async () => {
        const [, b] = stage().servers;
        await b?.stop();
        const place = await stage().serve(stage().listener());
        const names: string[] = [];
        for (let asked = 0; asked < 12; asked += 1) {
          names.push((await stage().traffic.ask(place).catch(refused)) ?? 'nobody');
        }
        expect(tallied(names)).toEqual({ a: 4, c: 4, refused: 4 });
        await until('refused connects to be counted', async () => {
          const { targets, refusedTotal } = await stage().countersOf('web');
          const dead = targets.find(({ port }) => port === b?.port);
          return refusedTotal === 0 && dead?.errorsTotal === 4 && dead.connections === 0;
        });
      });
    } else {
      it('go to another target when a connect fails, and the failures are counted', async () => {
        const [, b] = stage().servers;
        await b?.stop();
        const place = await stage().serve(stage().listener());
        const counts = await stage().traffic.tally(place, 12);
        expect(Object.keys(counts).sort()).toEqual(['a', 'c']);
        await until('failed connects to be counted', async () => {
          const { targets, refusedTotal } = await stage().countersOf('web');
          const dead = targets.find(({ port }) => port === b?.port);
          return refusedTotal === 0 && dead !== undefined && dead.errorsTotal > 0 && dead.connections === 0;
        });
      });
    }
  });
}

async function standing(given: DriverStage, place: Place, count: number): Promise<LineClient[]> {
  const clients: LineClient[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const client = await given.traffic.connect(place);
    if ((await client.ask()) === undefined) throw new Error('a new connection was closed');
    clients.push(client);
  }
  return clients;
}

function refused(error: NodeJS.ErrnoException): string {
  if (error.code !== 'ECONNREFUSED') throw error;
  return 'refused';
}
