import { ALL_DOWN_MODES, BACKEND_STATES, POOL_ACTIVATIONS } from '@signalbox/contracts';
import fc from 'fast-check';
import type { FrontendView } from './frontend-view.js';
import { NOON } from './given.fixture.js';
import type { MemberView, PoolView } from './pool-view.js';

/** Random frontends that are small enough to meet themselves: few names, few addresses, close times. */

const BACKENDS = ['a', 'b', 'c', 'd'];
const TEN_MINUTES = 600_000;
/** How far the clock may have been set back. */
const A_DAY = 86_400_000;

const v4 = fc.constantFrom('10.0.0.2', '10.0.0.10', '10.0.0.3');
const v6 = fc.constantFrom('2001:db8::2', '2001:db8::10');

function members(address: fc.Arbitrary<string>): fc.Arbitrary<MemberView[]> {
  const member = fc.record(
    {
      backend: fc.constantFrom(...BACKENDS),
      address,
      weight: fc.constantFrom(0, 1, 7, 25, 100),
      state: fc.oneof(
        { weight: 2, arbitrary: fc.constant('up' as const) },
        { weight: 3, arbitrary: fc.constantFrom(...BACKEND_STATES, 'missing' as const) },
      ),
      sinceMs: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: NOON - TEN_MINUTES, max: NOON + 1000 }) },
        { weight: 1, arbitrary: fc.constant(NOON + A_DAY) },
      ),
      isFirstUp: fc.boolean(),
    },
    { requiredKeys: ['backend', 'weight', 'state', 'sinceMs'] },
  );
  return fc.uniqueArray(member, { selector: ({ backend }) => backend, maxLength: 4 });
}

function frontends(address: fc.Arbitrary<string>): fc.Arbitrary<FrontendView> {
  const pool: fc.Arbitrary<PoolView> = fc.record({
    name: fc.constantFrom('p', 'q', 'r'),
    members: members(address),
  });
  return fc.record({
    name: fc.constant('web'),
    pools: fc.uniqueArray(pool, { selector: ({ name }) => name, maxLength: 3 }),
    flushOnDown: fc.boolean(),
    failbackDelayMs: fc.constantFrom(0, 1, 15_000, TEN_MINUTES),
    minUp: fc.integer({ min: 1, max: 3 }),
    poolActivation: fc.constantFrom(...POOL_ACTIVATIONS),
    slowStartMs: fc.constantFrom(0, 1, 7, 15_000, TEN_MINUTES),
    allDown: fc.constantFrom(...ALL_DOWN_MODES),
  });
}

/** All backends of one family. */
export const ipv4Frontends = frontends(v4);
/** Families mixed, as a config in the middle of a change may be. */
export const anyFrontends = frontends(fc.oneof({ weight: 4, arbitrary: v4 }, { weight: 1, arbitrary: v6 }));

/** What one frontend looked like, one look after the other, the last one at `atMs` of the last entry. */
export function historiesOf(
  views: fc.Arbitrary<FrontendView>,
): fc.Arbitrary<{ readonly view: FrontendView; readonly atMs: number }[]> {
  const look = fc.record({ view: views, waitedMs: fc.integer({ min: 0, max: TEN_MINUTES / 4 }) });
  return fc.array(look, { minLength: 1, maxLength: 6 }).map((looks) => {
    let atMs = NOON;
    return looks.map(({ view, waitedMs }) => ({ view, atMs: (atMs += waitedMs) }));
  });
}
