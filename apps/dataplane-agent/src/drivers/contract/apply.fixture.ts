import { describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import type { ObservedListener } from '../driver.js';
import { PATIENT, placeOf, type Stage } from './driver-stage.fixture.js';

/** What is applied stands, is read back, and is not written again. */
export function describeApply(stage: Stage): void {
  describe('apply', () => {
    it('makes listeners listen, says where, and observe reads back what was applied', async () => {
      const { driver, traffic, servers } = stage();
      const names = servers.map(({ name }) => name);
      expect(await driver.observe(PATIENT)).toEqual([]);
      const [web, mail] = [stage().listener(), stage().listener({ name: 'mail', port: 25 })];
      const result = await stage().apply(web, mail);
      expect(result.listeners.map(({ name, state }) => ({ name, state }))).toEqual([
        { name: 'mail', state: 'applied' },
        { name: 'web', state: 'applied' },
      ]);
      expect(result.writes).toBeGreaterThan(0);
      const places = result.listeners.map(placeOf);
      for (const place of places) expect(names).toContain(await traffic.ask(place));
      const [mailAt, webAt] = places;
      expect(await driver.observe(PATIENT)).toEqual([
        seenAs(mail, mailAt ?? fail('mail')),
        seenAs(web, webAt ?? fail('web')),
      ]);
    });

    it('writes nothing when the data plane is as desired, whatever the generation and the order of targets', async () => {
      const listener = stage().listener({ targets: stage().targets([50, 20, 30]) });
      const before = await stage().serve(listener);
      const again = await stage().apply(listener);
      const turned = await stage().apply({ ...listener, targets: [...listener.targets].reverse() });
      expect([again.writes, turned.writes]).toEqual([0, 0]);
      expect(again.listeners.map(placeOf)).toEqual([before]);
      expect(turned.listeners.map(placeOf)).toEqual([before]);
    });

    it('writes only for what differs, and a listener keeps its place over changes of its targets', async () => {
      const [web, mail] = [stage().listener(), stage().listener({ name: 'mail', port: 25 })];
      const before = await stage().serve(web, mail);
      const changed = { ...web, targets: stage().targets([10, 20, 30]) };
      expect(await stage().serve(changed, mail)).toEqual(before);
      const observed = await stage().driver.observe(PATIENT);
      expect(observed.map(({ targets }) => targets.map(({ weight }) => weight))).toEqual([
        mail.targets.map(({ weight }) => weight),
        changed.targets.map(({ weight }) => weight),
      ]);
      expect((await stage().apply(changed, mail)).writes).toBe(0);
    });

    it('serves at the VIP itself when no other place is named', async () => {
      const { address, port } = await stage().freePlace();
      const place = await stage().serve(stage().listener({ address, port, listenAt: undefined }));
      expect(place).toEqual({ address, port });
      expect(await stage().traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
    });

    it('takes a state without listeners', async () => {
      const place = await stage().serve(stage().listener());
      expect((await stage().apply()).listeners).toEqual([]);
      expect(await stage().driver.observe(PATIENT)).toEqual([]);
      expect(await stage().traffic.isOpen(place)).toBe(false);
      expect((await stage().apply()).writes).toBe(0);
    });
  });
}

function fail(name: string): never {
  throw new Error(`apply named no place of ${name}`);
}

function seenAs(listener: NodeListener, listensAt: ObservedListener['listensAt']): ObservedListener {
  const { name, address, protocol, port, algorithm, targets } = listener;
  return {
    name,
    address,
    protocol,
    port,
    algorithm,
    listensAt,
    targets: targets.map((target) => ({
      address: target.address,
      port: target.port,
      weight: target.weight,
    })),
  };
}
