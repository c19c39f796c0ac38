import { describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { type DriverTraits, PATIENT, type Stage } from './driver-stage.fixture.js';

/** A deadline that a hung data plane is to run into. Milliseconds. */
const HASTY = { deadlineMs: 200 } as const;

/** What happens when the data plane does not answer, and when the driver is closed. */
export function describeEnds(stage: Stage, traits: DriverTraits): void {
  describe('the end', () => {
    if (traits.canHang) {
      it('of a deadline: a data plane that hangs is told to be unavailable, and serves when it is back', async () => {
        const { subject, driver } = stage();
        const place = await stage().serve(stage().listener());
        await subject.hang?.();
        const changed = stage().listener({ targets: stage().targets([1, 2, 3]) });
        const desired = { node: 'n1', generation: 2, listeners: [changed] };
        await expect(driver.apply(desired, HASTY)).rejects.toMatchObject({ code: 'data-plane-unavailable' });
        await expect(driver.observe(HASTY)).rejects.toMatchObject({ code: 'data-plane-unavailable' });
        await expect(driver.counters(HASTY)).rejects.toMatchObject({ code: 'data-plane-unavailable' });
        await subject.wake?.();
        await until('it to answer again', async () => (await stage().serve(changed)).port === place.port);
        const [web] = await driver.observe(PATIENT);
        expect(web?.targets.map(({ weight }) => weight)).toEqual(changed.targets.map(({ weight }) => weight));
      });
    }

    if (traits.outlivesProcess) {
      it('of the driver: the data plane goes on, and the next driver takes it over without a write', async () => {
        const { subject, driver, traffic } = stage();
        const listener = stage().listener({ targets: stage().targets([50, 20, 30]) });
        const place = await stage().serve(listener);
        const before = await driver.observe(PATIENT);
        const client = await traffic.connect(place);
        const name = await client.ask();
        await driver.close();
        expect(await client.ask()).toBe(name);
        expect(await traffic.ask(place)).toBeDefined();

        const next = await subject.again?.();
        if (!next) throw new Error('a driver that is outlived needs `again`');
        expect(await next.observe(PATIENT)).toEqual(before);
        const desired = { node: 'n1', generation: 9, listeners: [listener] };
        expect((await next.apply(desired, PATIENT)).writes).toBe(0);
        expect(await client.ask()).toBe(name);
        await next.close();
      });
    } else {
      it('of the driver: nobody listens any more, connections are cut, and closing again does nothing', async () => {
        const { driver, traffic } = stage();
        const place = await stage().serve(stage().listener());
        const client = await traffic.connect(place);
        await client.ask();
        await driver.close();
        expect(await traffic.isOpen(place)).toBe(false);
        await until('the connection to be cut', () => client.closed);
        await driver.close();
      });
    }
  });
}
