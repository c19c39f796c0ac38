import { describe, expect, it } from '@jest/globals';
import { BACKEND_STATES } from '@signalbox/contracts';
import type { CounterRules } from './counter.js';
import { recordResult } from './machine.js';
import { restoreMachine } from './restore.js';

const RULES: CounterRules = { rise: 2, fall: 3, mode: 'haproxy' };
const INTERVAL_MS = 1000;

describe('a machine after our own restart', () => {
  it.each(BACKEND_STATES)('R8 is %s as before, however long we were away', (state) => {
    for (const awayMs of [0, 2 * INTERVAL_MS, 1e9, Number.POSITIVE_INFINITY])
      expect(restoreMachine({ state }, RULES, awayMs, INTERVAL_MS).state).toBe(state);
  });

  it('goes on with its counter when probes stopped no longer than two intervals ago', () => {
    const machine = restoreMachine({ state: 'up', counter: 3 }, RULES, 2 * INTERVAL_MS, INTERVAL_MS);
    expect(machine).toEqual({ state: 'up', counter: 3, verified: true });
    expect(recordResult(machine, false, RULES).machine.state).toBe('up');
  });

  it('lets the next result decide when it is older', () => {
    const machine = restoreMachine({ state: 'up', counter: 4 }, RULES, 2 * INTERVAL_MS + 1, INTERVAL_MS);
    expect(machine.verified).toBe(false);
    expect(recordResult(machine, false, RULES).machine.state).toBe('down');
    expect(recordResult(machine, true, RULES).machine).toEqual({ state: 'up', counter: 4, verified: true });
  });

  it('is not trusted after a second restart when the first one had nothing confirmed', () => {
    const stored = { state: 'up', counter: 4, verified: false } as const;
    expect(restoreMachine(stored, RULES, 0, INTERVAL_MS).verified).toBe(false);
    expect(restoreMachine({ ...stored, state: 'paused' }, RULES, 0, INTERVAL_MS).verified).toBe(true);
  });

  it.each([
    ['up', undefined, 4],
    ['up', 0, 2],
    ['up', 99, 4],
    ['down', undefined, 0],
    ['down', 4, 1],
    ['paused', 4, 1],
    ['unknown', undefined, 1],
  ] as const)('fits the saved counter to the state: %s with %s is %s', (state, counter, fitting) => {
    const stored = counter === undefined ? { state } : { state, counter };
    expect(restoreMachine(stored, RULES, 0, INTERVAL_MS).counter).toBe(fitting);
  });
});
