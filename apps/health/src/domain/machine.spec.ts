import { describe, expect, it } from '@jest/globals';
import { BACKEND_COMMANDS, BACKEND_STATES, type BackendState, CodedError } from '@signalbox/contracts';
import fc from 'fast-check';
import type { CounterRules } from './counter.js';
import { fulfils, intentOf, type Wanted } from './intent.js';
import { commandEffect, isProbed, type Machine, recordResult, unknownMachine } from './machine.js';
import { reconcile } from './reconcile.js';

const RULES: CounterRules = { rise: 2, fall: 3, mode: 'haproxy' };

function machine(state: BackendState, counter: number, verified = true): Machine {
  return { state, counter, verified };
}

describe('the state rule', () => {
  it.each<[from: Machine, ok: boolean, to: BackendState, counter: number]>([
    [machine('unknown', 1), true, 'up', 4],
    [machine('unknown', 1), false, 'down', 0],
    [machine('up', 4), true, 'up', 4],
    [machine('up', 4), false, 'up', 3],
    [machine('up', 3), false, 'up', 2],
    [machine('up', 2), false, 'down', 0],
    [machine('up', 2), true, 'up', 4],
    [machine('down', 0), false, 'down', 0],
    [machine('down', 0), true, 'down', 1],
    [machine('down', 1), true, 'up', 4],
    [machine('down', 1), false, 'down', 0],
    [machine('up', 4, false), true, 'up', 4],
    [machine('up', 4, false), false, 'down', 0],
    [machine('down', 0, false), true, 'up', 4],
    [machine('down', 0, false), false, 'down', 0],
    [machine('paused', 1), true, 'paused', 1],
    [machine('paused', 1), false, 'paused', 1],
    [machine('disabled', 1), true, 'disabled', 1],
    [machine('disabled', 1), false, 'disabled', 1],
    [machine('removed', 1), true, 'removed', 1],
  ])('%j and a pass: %s is %s with counter %i', (from, ok, to, counter) => {
    const after = recordResult(from, ok, RULES).machine;
    expect([after.state, after.counter]).toEqual([to, counter]);
  });

  it('a failure of an unknown backend is down whatever the counter is', () => {
    const patient: CounterRules = { rise: 3, fall: 2, mode: 'linear' };
    expect(recordResult(unknownMachine(patient), false, patient).machine).toEqual(machine('down', 1));
  });

  it('what the guard holds stays up, one failure from asking again, and a pass frees it', () => {
    const held = recordResult(machine('up', 2), false, RULES, () => false);
    expect(held).toEqual({ machine: machine('up', 2), held: true });
    expect(recordResult(held.machine, false, RULES, () => true).machine.state).toBe('down');
    expect(recordResult(held.machine, true, RULES, () => true).machine).toEqual(machine('up', 4));
  });

  it('the guard is asked for moves from up to down only', () => {
    const refuse = (): boolean => {
      throw new Error('asked');
    };
    expect(recordResult(unknownMachine(RULES), false, RULES, refuse).machine.state).toBe('down');
    expect(recordResult(machine('up', 4), false, RULES, refuse).machine.state).toBe('up');
    expect(recordResult(machine('down', 0), false, RULES, refuse).machine.state).toBe('down');
    expect(() => recordResult(machine('up', 2), false, RULES, refuse)).toThrow('asked');
  });
});

describe('operator commands', () => {
  it.each<[BackendState, string, string]>([
    ['unknown', 'pause', 'paused'],
    ['up', 'pause', 'paused'],
    ['down', 'pause', 'paused'],
    ['paused', 'pause', '-'],
    ['paused', 'resume', 'unknown'],
    ['up', 'resume', '-'],
    ['unknown', 'disable', 'disabled'],
    ['up', 'disable', 'disabled'],
    ['down', 'disable', 'disabled'],
    ['paused', 'disable', 'disabled'],
    ['disabled', 'disable', '-'],
    ['disabled', 'enable', 'unknown'],
    ['up', 'enable', '-'],
    ['paused', 'enable', '-'],
  ])('%s, %s: %s', (state, command, to) => {
    const effect = commandEffect(state, command as (typeof BACKEND_COMMANDS)[number]);
    expect(effect?.to ?? '-').toBe(to);
  });

  it.each(['pause', 'resume'] as const)('R1 %s of a disabled backend is refused', (command) => {
    expect(() => commandEffect('disabled', command)).toThrow(CodedError);
    expect(() => commandEffect('disabled', command)).toThrow('enable it first');
  });

  it('R3 whatever the state was, bringing it to what is wanted takes one transition at most, and then none', () => {
    for (const state of BACKEND_STATES.filter((one) => one !== 'removed'))
      for (const wanted of ['run', 'pause', 'disable'] as Wanted[]) {
        const desired = {
          endpoint: { address: 'a' },
          healthcheck: 'h',
          checkDigest: 'd',
          counter: RULES,
          wanted,
        };
        const standing = {
          machine: machine(state, 1),
          endpoint: { address: 'a' },
          healthcheck: 'h',
          checkDigest: 'd',
        };
        const steps = reconcile(standing, desired);
        expect(steps.length).toBe(fulfils(state, wanted) ? 0 : 1);
        const after = steps.at(-1)?.machine ?? standing.machine;
        expect(fulfils(after.state, wanted)).toBe(true);
        expect(reconcile({ ...standing, machine: after }, desired)).toEqual([]);
      }
  });

  it('in any order, with results in between, never leave flag and state apart', () => {
    const event = fc.oneof(
      fc.constantFrom(...BACKEND_COMMANDS).map((command) => ({ command })),
      fc.boolean().map((ok) => ({ ok })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let now = unknownMachine(RULES);
        let wanted: Wanted = 'run';
        for (const one of events) {
          if ('ok' in one) {
            const before = now;
            now = recordResult(now, one.ok, RULES).machine;
            if (!isProbed(before.state)) expect(now).toBe(before);
          } else {
            let effect;
            try {
              effect = commandEffect(now.state, one.command);
            } catch {
              expect(now.state).toBe('disabled');
              continue;
            }
            if (!effect) continue;
            wanted = intentOf(one.command);
            const standing = { machine: now, endpoint: { address: 'a' }, healthcheck: 'h', checkDigest: 'd' };
            const desired = {
              endpoint: { address: 'a' },
              healthcheck: 'h',
              checkDigest: 'd',
              counter: RULES,
              wanted,
            };
            const steps = reconcile(standing, desired);
            expect(steps.map(({ code }) => code)).toEqual([effect.code]);
            now = steps.at(-1)!.machine;
            expect(now.state).toBe(effect.to);
          }
          expect(fulfils(now.state, wanted)).toBe(true);
          expect(now.state === 'disabled').toBe(wanted === 'disable');
        }
      }),
    );
  });
});
