import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frontendRecord, targetKey } from './frontend-changes.js';
import { decideFrontend, type FrontendDecision, type FrontendView } from './frontend-view.js';
import { remembered } from './given.fixture.js';
import { SLOW_START_STEPS } from './slow-start.js';
import { anyFrontends, historiesOf, ipv4Frontends } from './random-frontend.fixture.js';

const dropping = ipv4Frontends.map((view): FrontendView => ({ ...view, allDown: 'drop' }));

/** The last look of a history, decided with what was remembered of the looks before it. */
function decideLast(history: readonly { view: FrontendView; atMs: number }[]): {
  view: FrontendView;
  atMs: number;
  decision: FrontendDecision;
} {
  const { view, atMs } = history.at(-1)!;
  return { view, atMs, decision: decideFrontend(view, remembered(history.slice(0, -1)), atMs) };
}

const servingPools = ({ targets }: FrontendDecision) =>
  new Set(targets.filter(({ effective }) => effective > 0).map(({ pool }) => pool));

/** Whether somebody in these pools could be sent traffic by health, config and weight. */
const canServe = ({ pools }: FrontendView) =>
  pools.some(({ members }) =>
    members.some(({ address, state, weight }) => address !== undefined && state === 'up' && weight > 0),
  );

describe('every decision', () => {
  it('drop: serves exactly when some pool is usable', () => {
    fc.assert(
      fc.property(historiesOf(dropping), (history) => {
        const { view, decision } = decideLast(history);
        const isServing = servingPools(decision).size > 0;
        expect(decision.state === 'up').toBe(isServing);
        // A drained pool stays active unless weights count, so only then, or without weights 0, both ways hold.
        const hasDrained = view.pools.some(({ members }) => members.some(({ weight }) => weight === 0));
        if (view.poolActivation === 'up-weighted' || !hasDrained) expect(isServing).toBe(canServe(view));
        else if (isServing) expect(canServe(view)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('drop: serves from one pool at most, the active one', () => {
    fc.assert(
      fc.property(historiesOf(dropping), (history) => {
        const { decision } = decideLast(history);
        const pools = servingPools(decision);
        expect([...pools]).toEqual(pools.size > 0 ? [decision.activePool] : []);
      }),
      { numRuns: 500 },
    );
  });

  it('of pools of policies is that of a frontend with one of them alone, and changes nothing of its own', () => {
    fc.assert(
      fc.property(historiesOf(anyFrontends), historiesOf(anyFrontends), (history, others) => {
        const renamed = others.at(-1)!.view.pools.map((pool) => ({ ...pool, name: `to-${pool.name}` }));
        const both = history.map(({ view, atMs }) => ({ view: { ...view, policyPools: renamed }, atMs }));
        const bare = (
          { targets, ...decision }: FrontendDecision,
          isOwn: (pool: string) => boolean,
        ): unknown => ({
          ...{ state: decision.state, activePool: decision.activePool },
          targets: targets
            .filter(({ pool }) => isOwn(pool))
            .map(({ why, ...target }) => ({ ...target, rule: why.rule, until: why.until })),
        });
        const together = decideLast(both).decision;
        expect(bare(together, (pool) => !pool.startsWith('to-'))).toEqual(
          bare(decideLast(history).decision, () => true),
        );
        for (const pool of renamed) {
          const alone = history.map(({ view, atMs }) => ({ view: { ...view, pools: [pool] }, atMs }));
          const { targets } = decideLast(alone).decision;
          const found = { ...together, targets: together.targets.filter((one) => one.pool === pool.name) };
          expect(bare({ ...found, state: 'up', activePool: '' }, () => true)).toEqual(
            bare({ state: 'up', activePool: '', targets }, () => true),
          );
        }
      }),
    );
  });

  it('never serves what is not there or was taken out, and never flushes what serves', () => {
    fc.assert(
      fc.property(historiesOf(anyFrontends), (history) => {
        const { view, decision } = decideLast(history);
        const members = view.pools.flatMap((pool) => pool.members);
        for (const [at, { address, effective, flush, weight }] of decision.targets.entries()) {
          expect([0, weight]).toContain(members[at]?.weight);
          if (effective === 0) continue;
          expect(['up', 'down', 'unknown']).toContain(members[at]?.state);
          expect(address).toBeDefined();
          expect(flush).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same weights in whatever order the members are listed', () => {
    fc.assert(
      fc.property(historiesOf(ipv4Frontends), fc.infiniteStream(fc.nat(100)), (history, dice) => {
        const { view, atMs, decision } = decideLast(history);
        const pools = view.pools.map((pool) => ({
          ...pool,
          members: pool.members
            .map((member) => ({ member, place: Number(dice.next().value) }))
            .sort((a, b) => a.place - b.place)
            .map(({ member }) => member),
        }));
        const shuffled = decideFrontend({ ...view, pools }, remembered(history.slice(0, -1)), atMs);
        const byKey = ({ targets, ...rest }: FrontendDecision) => ({
          ...rest,
          targets: new Map(targets.map((target) => [targetKey(target.pool, target.backend), target])),
        });
        expect(byKey(shuffled)).toEqual(byKey(decision));
      }),
    );
  });

  it('decided again with what is remembered of it, changes nothing until it wakes', () => {
    fc.assert(
      fc.property(historiesOf(anyFrontends), fc.double({ min: 0, max: 1, noNaN: true }), (history, share) => {
        const { view, atMs, decision } = decideLast(history);
        const memory = remembered(history);
        const lastMs = (decision.wakeAtMs ?? atMs + 10 ** 8) - 1;
        for (const laterMs of [atMs, Math.round(atMs + (lastMs - atMs) * share), lastMs]) {
          const again = decideFrontend(view, memory, laterMs);
          expect(frontendRecord(view.name, again, memory, 9, '')).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('when it wakes, differs or sleeps on, and comes to rest', () => {
    fc.assert(
      fc.property(historiesOf(anyFrontends), (history) => {
        const { view, decision } = decideLast(history);
        const members = view.pools.flatMap((pool) => pool.members).length;
        const looks = [...history];
        let { wakeAtMs } = decision;
        for (let wakes = 0; wakeAtMs !== undefined; wakes += 1) {
          expect(wakes).toBeLessThanOrEqual((SLOW_START_STEPS + 1) * members);
          const memory = remembered(looks);
          const next = decideFrontend(view, memory, wakeAtMs);
          expect(next.wakeAtMs ?? Infinity).toBeGreaterThan(wakeAtMs);
          looks.push({ view, atMs: wakeAtMs });
          wakeAtMs = next.wakeAtMs;
        }
      }),
    );
  });
});
