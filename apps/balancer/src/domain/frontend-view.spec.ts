import { describe, expect, it } from '@jest/globals';
import { decideFrontend, type FrontendView } from './frontend-view.js';
import { aFrontend, aMember, MINUTE, NOON, remembered, SECOND, weightsAndRules } from './given.fixture.js';
import { SLOW_START_STEPS } from './slow-start.js';

const serving = [aMember('nginx1'), aMember('nginx2')];
const standby = [aMember('nginx3')];
const inState = (state: 'down' | 'unknown') => [
  aMember('nginx1', { state }),
  aMember('nginx2', { state, weight: 20 }),
];

function rulesOf(view: FrontendView, before?: FrontendView, nowMs = NOON): unknown {
  const memory = before && remembered([{ view: before, atMs: NOON - MINUTE }]);
  return weightsAndRules(decideFrontend(view, memory, nowMs).targets);
}

describe('decideFrontend', () => {
  it('serves from the first pool and keeps the order of the view', () => {
    const decision = decideFrontend(aFrontend([serving, standby]), undefined, NOON);
    expect(decision).toMatchObject({ state: 'up', activePool: 'primary' });
    expect(decision).not.toHaveProperty('wakeAtMs');
    expect(decision.targets.map(({ pool, backend }) => `${pool}/${backend}`)).toEqual([
      'primary/nginx1',
      'primary/nginx2',
      'fallback/nginx3',
    ]);
  });

  describe('pools of policies', () => {
    const api = { name: 'api', members: [aMember('nginx7'), aMember('nginx8', { state: 'down' })] };

    it('serve beside those of the frontend, each whatever becomes of the others', () => {
      const decision = decideFrontend(aFrontend([serving], { policyPools: [api] }), undefined, NOON);
      expect(decision).toMatchObject({ state: 'up', activePool: 'primary' });
      expect(decision.targets.map(({ pool, backend, effective }) => [pool, backend, effective])).toEqual([
        ['primary', 'nginx1', 100],
        ['primary', 'nginx2', 100],
        ['api', 'nginx7', 100],
        ['api', 'nginx8', 0],
      ]);
      const lost = decideFrontend(aFrontend([inState('down')], { policyPools: [api] }), undefined, NOON);
      expect(lost.state).toBe('down');
      expect(lost.targets.at(-2)).toMatchObject({ backend: 'nginx7', effective: 100 });
    });

    it('say why in words of their own', () => {
      const { targets } = decideFrontend(aFrontend([serving], { policyPools: [api] }), undefined, NOON);
      expect(targets.slice(2).map(({ why }) => why)).toEqual([
        {
          rule: 'active',
          text: 'policies send requests to pool api and nginx7 is up: configured weight 100',
        },
        { rule: 'down', text: 'nginx8 of pool api is down: weight 0, its flows are cut' },
      ]);
      const lost = { name: 'api', members: [aMember('nginx7', { state: 'down' })] };
      const spread = aFrontend([serving], { policyPools: [lost], allDown: 'spread' });
      expect(decideFrontend(spread, undefined, NOON).targets.at(-1)?.why.text).toBe(
        'no backend of pool api is up and nginx7 of pool api gets traffic anyway: configured weight 100',
      );
    });

    it('ramp up by themselves, and ask to be decided again', () => {
      const late = { name: 'api', members: [aMember('nginx7', { sinceMs: NOON })] };
      const view = aFrontend([serving], { policyPools: [late], slowStartMs: 10 * SECOND });
      const decision = decideFrontend(view, undefined, NOON);
      expect(weightsAndRules(decision.targets)).toMatchObject({ nginx7: [10, 'slow-start'] });
      expect(decision.wakeAtMs).toBe(NOON + SECOND);
    });
  });

  it('decides a frontend without pools', () => {
    const nothing = { state: 'unknown', activePool: '', targets: [] };
    expect(decideFrontend(aFrontend([]), undefined, NOON)).toEqual(nothing);
  });

  describe('failback delay', () => {
    const options = { failbackDelayMs: 5 * MINUTE };
    const failedOver = aFrontend([inState('down'), standby], options);
    const recovered = aFrontend([[aMember('nginx1', { sinceMs: NOON })], standby], options);
    const memory = remembered([{ view: failedOver, atMs: NOON - MINUTE }]);

    it('waits in the fallback and wakes when the wait is over', () => {
      const decision = decideFrontend(recovered, memory, NOON);
      expect(decision).toMatchObject({ activePool: 'fallback', wakeAtMs: NOON + 5 * MINUTE });
      expect(weightsAndRules(decision.targets)).toEqual({
        nginx1: [0, 'failback-wait'],
        nginx3: [100, 'active'],
      });
      expect(decideFrontend(recovered, memory, NOON + 5 * MINUTE).activePool).toBe('primary');
    });

    it('a new frontend: the first pool takes over as soon as it is up, however early the fallback was', () => {
      const first = (change: object) => [aMember('nginx1', { sinceMs: NOON, ...change })];
      const early = remembered([
        { view: aFrontend([first({ state: 'unknown' }), standby], options), atMs: NOON - SECOND },
      ]);
      expect(early?.activePool).toBe('fallback');
      const view = aFrontend([first({ isFirstUp: true }), standby], options);
      expect(decideFrontend(view, early, NOON).activePool).toBe('primary');
    });

    it('does not wait on the first decision, nor when the pool of the memory is gone', () => {
      expect(decideFrontend(recovered, undefined, NOON).activePool).toBe('primary');
      const renamed = {
        ...recovered,
        pools: recovered.pools.map((pool) => ({ ...pool, name: `new-${pool.name}` })),
      };
      expect(decideFrontend(renamed, memory, NOON).activePool).toBe('new-primary');
    });
  });

  describe('slow start', () => {
    const fresh = aMember('nginx1', { sinceMs: NOON - 7 * SECOND });
    const options = { slowStartMs: MINUTE };

    it('ramps a fresh member of the active pool and wakes at its next step', () => {
      const view = aFrontend([[fresh, aMember('nginx2')], standby], options);
      const decision = decideFrontend(view, undefined, NOON);
      expect(weightsAndRules(decision.targets)).toEqual({
        nginx1: [20, 'slow-start'],
        nginx2: [100, 'active'],
        nginx3: [0, 'standby'],
      });
      expect(decision.wakeAtMs).toBe(NOON + 5 * SECOND);
    });

    it('a clock that is set back takes no weight from who has all of it, nor does its catching up', () => {
      const view = aFrontend([[fresh]], options);
      const memory = remembered([{ view, atMs: NOON + 10 * MINUTE }]);
      for (const nowMs of [-MINUTE - 1, -MINUTE, -1, 0, 1, 30 * SECOND].map((ms) => fresh.sinceMs + ms)) {
        const decision = decideFrontend(view, memory, nowMs);
        expect(weightsAndRules(decision.targets)).toEqual({ nginx1: [100, 'active'] });
      }
    });

    it('ramps again who came back, and who is at another address', () => {
      const view = aFrontend([[fresh]], options);
      const wasActive = remembered([{ view, atMs: NOON + 10 * MINUTE }]);
      const moved = aFrontend([[{ ...fresh, address: '10.0.0.99' }]], options);
      const lost = aFrontend([[{ ...fresh, state: 'down' }]], options);
      const wasDown = remembered([{ view: lost, atMs: NOON - 8 * SECOND }]);
      expect(weightsAndRules(decideFrontend(moved, wasActive, NOON).targets)).toEqual({
        nginx1: [20, 'slow-start'],
      });
      expect(weightsAndRules(decideFrontend(view, wasDown, NOON).targets)).toEqual({
        nginx1: [20, 'slow-start'],
      });
    });

    describe('X37 a failback delay that is longer than the ramp', () => {
      const failbackDelayMs = 5 * MINUTE;
      const timing = { ...options, failbackDelayMs };
      const fallback = aMember('nginx3');
      const failedOver = aFrontend([inState('down'), [fallback]], timing);
      const cameBack = aFrontend(
        [[aMember('nginx1', { sinceMs: NOON }), aMember('nginx2', { sinceMs: NOON })], [fallback]],
        timing,
      );
      const waiting = remembered([
        { view: failedOver, atMs: NOON - MINUTE },
        { view: cameBack, atMs: NOON },
      ]);
      const takeoverMs = NOON + failbackDelayMs;
      const weightsAt = (memory: typeof waiting, nowMs: number, view = cameBack) =>
        decideFrontend(view, memory, nowMs).targets.map(({ effective }) => effective);

      it('begins the ramp when the pool takes over, with a restart at each step', () => {
        expect(weightsAt(waiting, takeoverMs - 1)).toEqual([0, 0, 100]);
        let memory = waiting;
        const history = [
          { view: failedOver, atMs: NOON - MINUTE },
          { view: cameBack, atMs: NOON },
        ];
        for (let step = 1; step <= SLOW_START_STEPS; step += 1) {
          const atMs = takeoverMs + ((step - 1) * MINUTE) / SLOW_START_STEPS;
          const weight = step * SLOW_START_STEPS;
          expect(weightsAt(memory, atMs)).toEqual([weight, weight, 0]);
          history.push({ view: cameBack, atMs });
          memory = remembered(history);
        }
        expect(weightsAndRules(decideFrontend(cameBack, memory, takeoverMs + MINUTE).targets)).toEqual({
          nginx1: [100, 'active'],
          nginx2: [100, 'active'],
          nginx3: [0, 'standby'],
        });
      });

      it('begins it too when the delay is cut short because the fallback is lost', () => {
        const lost = aFrontend([cameBack.pools[0]!.members, [aMember('nginx3', { state: 'down' })]], timing);
        expect(weightsAt(waiting, NOON + 2 * MINUTE, lost)).toEqual([10, 10, 0]);
      });

      it('begins it when a pool that waited for min-up takes over', () => {
        const change = { ...options, minUp: 2 };
        const two = [aMember('nginx3'), aMember('nginx4')];
        const one = [aMember('nginx1', { sinceMs: NOON }), aMember('nginx2', { state: 'down' })];
        const both = [one[0]!, aMember('nginx2', { sinceMs: NOON + 10 * MINUTE })];
        const memory = remembered([
          { view: aFrontend([inState('down'), two], change), atMs: NOON - MINUTE },
          { view: aFrontend([one, two], change), atMs: NOON },
        ]);
        const view = aFrontend([both, two], change);
        expect(weightsAt(memory, NOON + 10 * MINUTE, view)).toEqual([10, 10, 0, 0]);
      });

      it('begins none for a fallback that has been up for long: it is needed at once', () => {
        const serving = aFrontend([[aMember('nginx1')], [fallback]], timing);
        const memory = remembered([{ view: serving, atMs: NOON - MINUTE }]);
        const lost = aFrontend([inState('down'), [fallback]], timing);
        expect(weightsAt(memory, NOON, lost)).toEqual([0, 0, 100]);
      });
    });

    it('leaves weight 0 and standby members alone', () => {
      const view = aFrontend([[{ ...fresh, weight: 0 }], [{ ...fresh, backend: 'nginx2' }]], options);
      const decision = decideFrontend(view, undefined, NOON);
      expect(weightsAndRules(decision.targets)).toEqual({
        nginx1: [0, 'weight-zero'],
        nginx2: [0, 'standby'],
      });
      expect(decision).not.toHaveProperty('wakeAtMs');
    });

    it('wakes for whatever comes first, a step or the end of a failback', () => {
      const fallback = aMember('nginx3', { sinceMs: NOON - MINUTE });
      const failedOver = aFrontend([inState('down'), [fallback]], options);
      const memory = remembered([{ view: failedOver, atMs: NOON - MINUTE }]);
      const pools = [[fresh], [aMember('nginx4', { sinceMs: NOON })]];
      const wake = (failbackDelayMs: number) =>
        decideFrontend(aFrontend(pools, { ...options, failbackDelayMs }), memory, NOON).wakeAtMs;
      expect(wake(8 * SECOND)).toBe(NOON + SECOND);
      expect(wake(5 * MINUTE)).toBe(NOON + 6 * SECOND);
    });
  });

  describe('all down', () => {
    const before = aFrontend([serving, standby]);
    const lostAll = [aMember('nginx3', { state: 'down' })];

    it('drop: nothing gets traffic and what is down is flushed', () => {
      const decision = decideFrontend(aFrontend([inState('down'), lostAll]), undefined, NOON);
      expect(decision).toMatchObject({ state: 'down', activePool: 'primary' });
      expect(decision.targets.map(({ effective, flush }) => [effective, flush])).toEqual([
        [0, true],
        [0, true],
        [0, true],
      ]);
    });

    it('keep-last: what had traffic keeps the weight that it had then', () => {
      const view = aFrontend([inState('unknown'), lostAll], { allDown: 'keep-last' });
      expect(rulesOf(view, before)).toEqual({
        nginx1: [100, 'keep-last'],
        nginx2: [100, 'keep-last'],
        nginx3: [0, 'down'],
      });
    });

    it('keep-last: the last active pool stays active, and nothing that is kept is flushed', () => {
      const failedOver = aFrontend([inState('down'), standby]);
      const memory = remembered([{ view: failedOver, atMs: NOON - MINUTE }]);
      const view = aFrontend([inState('down'), lostAll], { allDown: 'keep-last' });
      const decision = decideFrontend(view, memory, NOON);
      expect(decision).toMatchObject({ state: 'up', activePool: 'fallback' });
      expect(decision.targets[2]).toMatchObject({ backend: 'nginx3', effective: 100, flush: false });
    });

    it('keep-last: has nothing to keep on the first decision', () => {
      const view = aFrontend([inState('unknown')], { allDown: 'keep-last' });
      expect(decideFrontend(view, undefined, NOON)).toMatchObject({
        state: 'unknown',
        activePool: 'primary',
      });
    });

    it('spread: the first pool gets its configured weights', () => {
      expect(rulesOf(aFrontend([inState('down'), lostAll], { allDown: 'spread' }))).toEqual({
        nginx1: [100, 'spread'],
        nginx2: [20, 'spread'],
        nginx3: [0, 'down'],
      });
    });

    it('ends with the first backend that is up, in any pool', () => {
      for (const allDown of ['keep-last', 'spread'] as const) {
        expect(rulesOf(aFrontend([inState('down'), standby], { allDown }), before)).toEqual({
          nginx1: [0, 'down'],
          nginx2: [0, 'down'],
          nginx3: [100, 'active'],
        });
      }
    });

    it('never serves from what an operator took out', () => {
      const states = ['paused', 'disabled', 'missing', 'removed'] as const;
      const pool = (['up', 'up', 'up', 'up'] as const).map((state, at) =>
        aMember(`nginx${at + 1}`, { state }),
      );
      const takenOut = pool.map((member, at) => ({ ...member, state: states[at] ?? member.state }));
      for (const allDown of ['keep-last', 'spread'] as const)
        expect(rulesOf(aFrontend([takenOut], { allDown }), aFrontend([pool]))).toEqual({
          nginx1: [0, 'paused'],
          nginx2: [0, 'disabled'],
          nginx3: [0, 'missing'],
          nginx4: [0, 'missing'],
        });
    });
  });

  describe('members that cannot be served', () => {
    it.each(['missing', 'removed', 'up'] as const)('a Backend that is not in the config (%s)', (state) => {
      const { address: _address, ...gone } = aMember('nginx1', { state });
      const { activePool, targets } = decideFrontend(aFrontend([[gone], standby]), undefined, NOON);
      expect(activePool).toBe('fallback');
      expect(targets[0]).toMatchObject({ effective: 0, flush: false, why: { rule: 'missing' } });
    });

    it('a removed backend leaves the data plane: its target has no address', () => {
      const view = aFrontend([[aMember('nginx1', { state: 'removed' })]]);
      expect(decideFrontend(view, undefined, NOON).targets[0]).not.toHaveProperty('address');
    });

    it('an address of the other family than the first one, which does not make its pool usable', () => {
      const first = aMember('nginx1', { state: 'down' });
      const other = aMember('nginx2', { address: '2001:db8::2' });
      const decision = decideFrontend(aFrontend([[first, other], standby]), undefined, NOON);
      expect(decision.activePool).toBe('fallback');
      expect(weightsAndRules(decision.targets)).toEqual({
        nginx1: [0, 'down'],
        nginx2: [0, 'family-mismatch'],
        nginx3: [100, 'active'],
      });
    });

    it('takes the family from the first member that is in the config', () => {
      const removed = aMember('nginx1', { state: 'removed' });
      const other = aMember('nginx2', { address: '2001:db8::2' });
      expect(rulesOf(aFrontend([[removed, other], standby]))).toEqual({
        nginx1: [0, 'missing'],
        nginx2: [100, 'active'],
        nginx3: [0, 'family-mismatch'],
      });
    });

    it('a member of the other family is not kept or spread to either', () => {
      const pool = [aMember('nginx1', { state: 'down' }), aMember('nginx2', { address: '::2' })];
      expect(rulesOf(aFrontend([pool], { allDown: 'spread' }))).toEqual({
        nginx1: [100, 'spread'],
        nginx2: [0, 'family-mismatch'],
      });
    });
  });
});
