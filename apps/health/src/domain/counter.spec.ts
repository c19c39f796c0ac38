import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { counterAtStart, counterMax, type CounterRules, countResult } from './counter.js';
import { type Machine, recordResult, unknownMachine } from './machine.js';

/** Folds P (pass) and F (fail); shows the counter and u(p) or d(own) after each, as reference 3.4 writes it. */
function trace(results: string, rules: CounterRules): string {
  let machine = unknownMachine(rules);
  return [...results]
    .map((one) => {
      machine = recordResult(machine, one === 'P', rules).machine;
      return `${machine.counter}${machine.state === 'up' ? 'u' : 'd'}`;
    })
    .join(' ');
}

describe('the counter, with rise 2 and fall 3', () => {
  it.each([
    ['linear', 'PFPFPFPF', '2u 1d 2u 1d 2u 1d 2u 1d'],
    ['haproxy', 'PFPFPFPF', '4u 3u 4u 3u 4u 3u 4u 3u'],
    ['linear', 'PFFFPPFFPP', '2u 1d 0d 0d 1d 2u 1d 0d 1d 2u'],
    ['haproxy', 'PFFFPPFFPP', '4u 3u 2u 0d 1d 4u 3u 2u 4u 4u'],
    ['linear', 'PPPPFFFPP', '2u 3u 4u 4u 3u 2u 1d 2u 3u'],
    ['haproxy', 'PPPPFFFPP', '4u 4u 4u 4u 3u 2u 0d 1d 4u'],
    ['linear', 'FPPFPP', '0d 1d 2u 1d 2u 3u'],
    ['haproxy', 'FPPFPP', '0d 1d 4u 3u 4u 4u'],
  ] as const)('%s: %s', (mode, results, expected) => {
    expect(trace(results, { rise: 2, fall: 3, mode })).toBe(expected);
  });

  it('R20 results that alternate from unknown make one transition with snap, and flap with linear steps', () => {
    const moves = (mode: CounterRules['mode']): number => {
      const states = trace('PFPFPFPF', { rise: 2, fall: 3, mode })
        .split(' ')
        .map((one) => one.at(-1));
      return states.filter((state, index) => state !== (states[index - 1] ?? 'unknown')).length;
    };
    expect(moves('haproxy')).toBe(1);
    expect(moves('linear')).toBe(8);
  });
});

/**
 * The naive model: counts in a row. Up goes down after `fall` failures since the last pass, down goes up after `rise`
 * passes since the last failure; unknown takes the first result.
 */
function naive(results: readonly boolean[], { rise, fall }: CounterRules): string[] {
  let state = 'unknown';
  let streak = 0;
  return results.map((ok, index) => {
    streak = index > 0 && results[index - 1] === ok ? streak + 1 : 1;
    if (state === 'unknown') state = ok ? 'up' : 'down';
    else if (state === 'up' && !ok && streak >= fall) state = 'down';
    else if (state === 'down' && ok && streak >= rise) state = 'up';
    return state;
  });
}

/** The naive model of linear steps: a sum that stays within its bounds. */
function naiveSum(results: readonly boolean[], { rise, fall }: CounterRules): string[] {
  let sum = rise - 1;
  return results.map((ok, index) => {
    sum = Math.max(0, Math.min(rise + fall - 1, sum + (ok ? 1 : -1)));
    if (index === 0) return ok ? 'up' : 'down';
    return sum >= rise ? 'up' : 'down';
  });
}

const RULES = fc.record({
  rise: fc.integer({ min: 1, max: 8 }),
  fall: fc.integer({ min: 1, max: 8 }),
  mode: fc.constantFrom('haproxy' as const, 'linear' as const),
});
const RESULTS = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 });

function statesOf(results: readonly boolean[], rules: CounterRules): string[] {
  let machine: Machine = unknownMachine(rules);
  return results.map((ok) => (machine = recordResult(machine, ok, rules).machine).state);
}

describe('the counter, for any rise, fall and results', () => {
  it('snap is what counting in a row says', () => {
    fc.assert(
      fc.property(RULES, RESULTS, (rules, results) => {
        const snap: CounterRules = { ...rules, mode: 'haproxy' };
        // a first failure leaves the counter at 0, a first pass at the top: both as if the streak had begun there
        expect(statesOf(results, snap)).toEqual(naive(results, snap));
      }),
    );
  });

  it('linear is a bounded sum', () => {
    fc.assert(
      fc.property(RULES, RESULTS, (rules, results) => {
        const linear: CounterRules = { ...rules, mode: 'linear' };
        expect(statesOf(results, linear)).toEqual(naiveSum(results, linear));
      }),
    );
  });

  it('stays within its bounds and agrees with the state', () => {
    fc.assert(
      fc.property(RULES, RESULTS, (rules, results) => {
        let machine = unknownMachine(rules);
        for (const ok of results) {
          machine = recordResult(machine, ok, rules).machine;
          expect(machine.counter).toBeGreaterThanOrEqual(0);
          expect(machine.counter).toBeLessThanOrEqual(counterMax(rules));
          expect(machine.counter >= rules.rise).toBe(machine.state === 'up');
        }
      }),
    );
  });

  it('with snap exactly fall failures in a row take any up backend down', () => {
    fc.assert(
      fc.property(RULES, RESULTS, (rules, results) => {
        const snap: CounterRules = { ...rules, mode: 'haproxy' };
        const passes = [...results, ...Array.from({ length: snap.rise }, () => true)];
        const failures = Array.from({ length: snap.fall }, () => false);
        const states = statesOf([...passes, ...failures], snap).slice(passes.length - 1);
        expect(states.slice(0, -1).every((state) => state === 'up')).toBe(true);
        expect(states.at(-1)).toBe('down');
      }),
    );
  });

  it('begins one pass below up', () => {
    fc.assert(
      fc.property(RULES, (rules) =>
        expect(countResult(counterAtStart(rules), true, rules) >= rules.rise).toBe(true),
      ),
    );
  });
});
