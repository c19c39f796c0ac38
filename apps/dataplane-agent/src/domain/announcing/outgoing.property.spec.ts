import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Desired } from '../desired.js';
import { announcing, at, vip } from './given-vips.fixture.js';
import {
  heldOf,
  nextOutgoing,
  NOTHING_OUTGOING,
  type Outgoing,
  vipKey,
  withdrawn,
  withHeld,
} from './outgoing.js';
import { byName, servingAsWanted, whyNotReady } from './readiness.js';

const ADDRESSES = ['192.0.2.10', '192.0.2.11', '192.0.2.12'];
const NAMES = ['dns', 'web'];
const DRAIN_MS = 5000;

/** What happens: another state, the announcer takes what it was told, or time goes by. */
type Step =
  | {
      readonly kind: 'state';
      readonly places: readonly (string | undefined)[];
      readonly named: readonly string[];
      readonly drained: boolean;
    }
  | { readonly kind: 'taken' }
  | { readonly kind: 'time'; readonly ms: number };

const place = fc.option(fc.constantFrom(...ADDRESSES), { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('state' as const),
    places: fc.tuple(place, place),
    named: fc.subarray(ADDRESSES),
    drained: fc.boolean(),
  }),
  fc.constant({ kind: 'taken' as const }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 2 * DRAIN_MS }) }),
);

/** A node: its state, what it has outgoing, what its data plane serves, and since when each VIP is off the network. */
class World {
  nowMs = 1_000_000;
  outgoing: Outgoing = NOTHING_OUTGOING;
  desired: Desired = announcing(0, [], []);
  served: Desired = this.desired;
  /** VIPs that the network has, by the announcer. */
  network = new Set<string>();
  /** When the network last had a VIP. */
  readonly lastSeenMs = new Map<string, number>();

  go(next: Step): void {
    if (next.kind === 'time') this.nowMs += next.ms;
    if (next.kind === 'state') this.offer(next);
    if (next.kind === 'taken') this.taken();
    this.plan(this.desired);
    this.apply();
    for (const address of this.network) this.lastSeenMs.set(address, this.nowMs);
  }

  private offer({ places, named, drained }: Extract<Step, { kind: 'state' }>): void {
    const listeners = NAMES.flatMap((name, index) => {
      const address = places[index];
      // no two at one place
      return address === undefined || places.indexOf(address) < index ? [] : [at(address, name)];
    });
    const vips = named.flatMap((address) => {
      const names = listeners.filter((one) => one.address === address).map(({ name }) => name);
      return names.length === 0 ? [] : [vip(address, names, { drainMs: DRAIN_MS })];
    });
    const before = this.desired;
    this.desired = announcing(before.state.generation + 1, vips, listeners, drained ? { drained } : {});
    this.plan(before);
  }

  /** The data plane makes the state with what leaves; what it is ready for is wished then. */
  private apply(): void {
    this.served = withHeld(this.desired, heldOf(this.outgoing));
    this.plan(this.desired, this.served);
  }

  private plan(before: Desired, stands?: Desired): void {
    const wished = new Set(this.outgoing.wished.map(vipKey));
    const serving = byName(servingAsWanted((stands ?? this.desired).state));
    const { announcements = {} } = this.desired;
    this.outgoing = nextOutgoing(
      this.outgoing,
      before,
      this.desired,
      (one) =>
        whyNotReady(one, announcements, serving) === undefined &&
        (stands !== undefined || wished.has(vipKey(one))),
      this.nowMs,
    );
  }

  /** Until then the network has what it had. */
  private taken(): void {
    this.network = new Set(this.outgoing.wished.map(({ address }) => address));
    this.outgoing = withdrawn(this.outgoing, ({ address }) => !this.network.has(address), this.nowMs);
  }
}

it('never ends the last listener of a VIP that the network has, or had a drain ago', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const next of steps) {
        const { nowMs } = world;
        world.go(next);
        const { listeners } = world.served.state;
        expect(new Set(listeners.map(({ name }) => name)).size).toBe(listeners.length);
        for (const address of ADDRESSES) {
          const isThere = world.network.has(address);
          // an announcer that does not answer is not waited for for ever
          const isPatient = world.nowMs - nowMs < DRAIN_MS;
          const seenMs = world.lastSeenMs.get(address) ?? -Infinity;
          if (isPatient && (isThere || world.nowMs < seenMs + DRAIN_MS))
            expect(listeners.some((one) => one.address === address)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('ends all that is not in the state once the announcer has taken it and the drain is over', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = new World();
      for (const next of steps) world.go(next);
      for (let round = 0; round < 3; round += 1) {
        world.go({ kind: 'taken' });
        world.go({ kind: 'time', ms: DRAIN_MS });
      }
      world.go({ kind: 'taken' });
      expect(world.served).toBe(world.desired);
      expect(world.outgoing.leaving).toEqual([]);
    }),
  );
});
