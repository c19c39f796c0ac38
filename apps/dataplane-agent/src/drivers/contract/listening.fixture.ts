import { describe, expect, it } from '@jest/globals';
import type { NamedServer } from '../named-servers.fixture.js';
import { listenerOf, PATIENT, placeOf, type Stage } from './driver-stage.fixture.js';

/** Where listeners listen, and what happens when they cannot. */
export function describeListening(stage: Stage): void {
  describe('listening', () => {
    it('on a busy port is refused with address and port, and all others are applied', async () => {
      const busy = server(stage().servers, 'a');
      const result = await stage().apply(
        stage().listener({ listenAt: { address: busy.address, port: busy.port } }),
        stage().listener({ name: 'mail', port: 25 }),
      );
      const refused = listenerOf(result, 'web');
      expect(refused).toMatchObject({ state: 'refused', error: { code: 'listen-failed' } });
      const message = refused.state === 'refused' ? refused.error.message : '';
      expect(message).toContain(busy.address);
      expect(message).toContain(String(busy.port));
      expect(await stage().traffic.tally(placeOf(listenerOf(result, 'mail')), 3)).toEqual({
        a: 1,
        b: 1,
        c: 1,
      });
      expect((await stage().driver.observe(PATIENT)).map(({ name }) => name)).toEqual(['mail']);
    });

    it('on a busy port leaves what served under the name as it was', async () => {
      const place = await stage().freePlace();
      const [busy, c] = [server(stage().servers, 'a'), server(stage().servers, 'c')];
      await stage().serve(stage().listener({ listenAt: place }));
      const before = await stage().driver.observe(PATIENT);
      const client = await stage().traffic.connect(place);
      const name = await client.ask();

      const moved = stage().listener({
        listenAt: { address: busy.address, port: busy.port },
        targets: stage().targets([100], [c]),
      });
      const result = await stage().apply(moved);
      expect(listenerOf(result, 'web').state).toBe('refused');
      expect(await stage().driver.observe(PATIENT)).toEqual(before);
      expect(await client.ask()).toBe(name);
      expect(Object.keys(await stage().traffic.tally(place, 6)).sort()).toEqual(['a', 'b', 'c']);
    });

    it('is tried again, and works when the port is free', async () => {
      const busy = server(stage().servers, 'a');
      const others = stage().servers.filter((candidate) => candidate !== busy);
      const listener = stage().listener({
        listenAt: { address: busy.address, port: busy.port },
        targets: stage().targets([100, 100], others),
      });
      expect(listenerOf(await stage().apply(listener), 'web').state).toBe('refused');
      await busy.stop();
      const place = await stage().serve(listener);
      expect(place).toEqual({ address: busy.address, port: busy.port });
      expect(await stage().traffic.tally(place, 4)).toEqual({ b: 2, c: 2 });
    });

    it('moves to another port', async () => {
      const [before, after] = [await stage().freePlace(), await stage().freePlace()];
      await stage().serve(stage().listener({ listenAt: before }));
      await stage().serve(stage().listener({ listenAt: after }));
      expect(await stage().traffic.isOpen(before)).toBe(false);
      expect(await stage().traffic.tally(after, 3)).toEqual({ a: 1, b: 1, c: 1 });
    });

    it('of two listeners swaps their ports in one apply', async () => {
      const [one, other] = [await stage().freePlace(), await stage().freePlace()];
      const [a, b] = [server(stage().servers, 'a'), server(stage().servers, 'b')];
      const web = stage().listener({ targets: stage().targets([100], [a]) });
      const mail = stage().listener({ name: 'mail', port: 25, targets: stage().targets([100], [b]) });
      await stage().serve({ ...web, listenAt: one }, { ...mail, listenAt: other });
      expect(await stage().traffic.tally(one, 2)).toEqual({ a: 2 });
      await stage().serve({ ...web, listenAt: other }, { ...mail, listenAt: one });
      expect(await stage().traffic.tally(one, 2)).toEqual({ b: 2 });
      expect(await stage().traffic.tally(other, 2)).toEqual({ a: 2 });
    });

    it('goes to another listener when the one that had the place leaves', async () => {
      const place = await stage().freePlace();
      const [a, b] = [server(stage().servers, 'a'), server(stage().servers, 'b')];
      await stage().serve(stage().listener({ listenAt: place, targets: stage().targets([100], [a]) }));
      const heir = stage().listener({ name: 'heir', listenAt: place, targets: stage().targets([100], [b]) });
      await stage().serve(heir);
      expect(await stage().traffic.tally(place, 2)).toEqual({ b: 2 });
    });

    it('at one place is for one of two listeners, the other is refused', async () => {
      const place = await stage().freePlace();
      const result = await stage().apply(
        stage().listener({ listenAt: place }),
        stage().listener({ name: 'mail', port: 25, listenAt: place }),
      );
      const refused = result.listeners.filter(({ state }) => state === 'refused');
      expect(refused).toMatchObject([{ error: { code: 'listen-failed' } }]);
      expect(await stage().traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
    });
  });
}

function server(servers: readonly NamedServer[], name: string): NamedServer {
  const found = servers.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
}
