import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NodeListener, NodeTarget } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import fc from 'fast-check';
import type { ApplyResult } from '../driver.js';
import { aListener, CONF } from './given-lb.fixture.js';
import type { VppDriver } from './vpp-driver.js';
import { PATIENT, VppSite } from './vpp-site.fixture.js';

/** For hangs only: how long it takes depends on what is drawn. Milliseconds. */
const MINUTES_MS = 180_000;

/** One of two families, since all VIPs at one address have to have one. */
const TARGETS = { v4: ['10.0.0.1', '10.0.0.2', '10.0.0.10'], v6: ['2001:db8::1', '2001:db8::a'] } as const;

interface Shape {
  readonly port: number;
  readonly sticky: boolean;
  /** Weight by the index of the target, and whether it is to be cut; undefined: it is no target. */
  readonly weights: readonly (number | 'cut' | undefined)[];
}

interface World {
  readonly family: keyof typeof TARGETS;
  readonly shapes: readonly Shape[];
}

/** What happens one after the other. */
type Step =
  | { readonly do: 'desire'; readonly world: World }
  | { readonly do: 'again' | 'restart of VPP' | 'lost connection' | 'new driver' | 'meddling' };

const shape: fc.Arbitrary<Shape> = fc.record({
  port: fc.constantFrom(0, 80, 443),
  sticky: fc.boolean(),
  weights: fc.array(fc.constantFrom<number | 'cut' | undefined>(0, 50, 100, 'cut', undefined), {
    maxLength: 3,
  }),
});
const world: fc.Arbitrary<World> = fc
  .record({
    family: fc.constantFrom<keyof typeof TARGETS>('v4', 'v6'),
    shapes: fc.uniqueArray(shape, { maxLength: 2, selector: ({ port }) => port }),
  })
  // all ports of an address exclude single ones (R21)
  .map(({ family, shapes }) => ({
    family,
    shapes: shapes.some(({ port }) => port === 0) ? shapes.slice(0, 1) : shapes,
  }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: world.map((one): Step => ({ do: 'desire', world: one })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>(
      { do: 'again' },
      { do: 'restart of VPP' },
      { do: 'lost connection' },
      { do: 'new driver' },
      { do: 'meddling' },
    ),
  },
);

let site: VppSite;
beforeAll(async () => {
  site = await VppSite.start();
});
afterAll(() => site.stop());

function listenersOf({ family, shapes }: World): NodeListener[] {
  return shapes.map(({ port, sticky, weights }) => {
    const targets = weights.flatMap((weight, at): NodeTarget[] => {
      const address = TARGETS[family][at];
      if (weight === undefined || address === undefined) return [];
      return weight === 'cut'
        ? [{ address, port, weight: 0, flushes: 1, flush: true }]
        : [{ address, port, weight, flushes: 0 }];
    });
    const affinity = { type: 'source-ip', timeoutMs: 40_000 } as const;
    return aListener(
      {},
      {
        ...{ name: `p${port}`, protocol: port === 0 ? 'any' : 'tcp', port, targets },
        ...(sticky && { affinity }),
      },
    );
  });
}

/** Applies until nothing is left to do, as the agent does; says what was written that ends flows. */
async function settle(driver: VppDriver, listeners: readonly NodeListener[]): Promise<string[]> {
  let result: ApplyResult | undefined;
  site.fake.writes.length = 0;
  await until('VPP to be as desired', async () => {
    result = await driver.apply(site.state(listeners), PATIENT).catch(() => undefined);
    return result?.writes === 0;
  });
  expect(result?.listeners.map(({ state }) => state)).toEqual(listeners.map(() => 'applied'));
  return site.flushes;
}

/** The writes that may end flows: of VIPs that go or are made anew, and of targets that leave while they are to be cut. Reference maglev 14.5. */
function mayFlush(before: readonly NodeListener[], now: readonly NodeListener[]): (write: string) => boolean {
  const kind = (one: NodeListener) => [one.affinity?.type, one.targets[0]?.address.includes(':')].join();
  return (write) => {
    const [, , , port = '', address = '', ...rest] = write.split(' ');
    if (rest.join(' ') !== 'del flush') return false;
    const was = before.find((one) => String(one.port) === port);
    const is = now.find((one) => String(one.port) === port);
    // not of this state, or made anew: with other tunnels all VIPs of the address are
    if (!was || !is || was.affinity?.type !== is.affinity?.type) return true;
    if (before.some((one) => now.some((other) => kind(one) !== kind(other) && other.targets[0]))) return true;
    return was.targets.some((target) => target.address === address && target.flush === true);
  };
}

it(
  'any order of states, restarts and meddling ends in the desired table, with no flush that the rules do not give',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        let driver = site.driver();
        let desired: NodeListener[] = [];
        await settle(driver, desired);
        for (const one of steps) {
          const before = desired;
          let isAnew = false;
          if (one.do === 'desire') desired = listenersOf(one.world);
          if (one.do === 'restart of VPP') await site.fake.restart();
          if (one.do === 'lost connection') site.fake.hangUp();
          if (one.do === 'meddling') {
            isAnew = true;
            for (const vip of site.fake.plugin.vips) if (vip.used) site.fake.plugin.removeVip(vip);
          }
          if (one.do === 'new driver') {
            await driver.close();
            driver = site.driver();
          }
          const flushes = await settle(driver, desired);
          if (one.do !== 'desire' || isAnew) expect(flushes).toEqual([]);
          else expect(flushes.filter((write) => !mayFlush(before, desired)(write))).toEqual([]);
          const observed = await driver.observe(PATIENT);
          expect(
            observed.map(({ name, targets }) => [
              name,
              targets.map(({ address, weight }) => [address, weight]),
            ]),
          ).toEqual(
            [...desired]
              .sort((a, b) => (a.name < b.name ? -1 : 1))
              .map(({ name, targets }) => [name, targets.map(({ address, weight }) => [address, weight])]),
          );
          expect(site.fake.plugin.conf.timeout).toBe(CONF.flowTimeoutSeconds);
        }
        await driver.close();
        expect(site.fake.mistakes).toEqual([]);
      }),
      { numRuns: 25 },
    );
  },
  MINUTES_MS,
);
