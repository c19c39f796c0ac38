import { type BackendCommand, type BackendState, CodedError, type StateCode } from '@signalbox/contracts';
import { counterAtStart, counterMax, type CounterRules, countResult } from './counter.js';

/**
 * The health of one backend. `counter` is within 0 and {@link counterMax}. A machine that is not `verified` believes
 * what it was told (by a restart, or under an older check); the next result decides at once, as in `unknown`.
 */
export interface Machine {
  readonly state: BackendState;
  readonly counter: number;
  readonly verified: boolean;
}

/** A machine that knows nothing yet. */
export function unknownMachine(rules: CounterRules): Machine {
  return { state: 'unknown', counter: counterAtStart(rules), verified: true };
}

/** Whether probes run in a state. Reference 3.1. */
export function isProbed(state: BackendState): boolean {
  return state === 'unknown' || state === 'up' || state === 'down';
}

/** The machine after one result, and whether the guard kept it from going down. */
export interface Recorded {
  readonly machine: Machine;
  readonly held: boolean;
}

/**
 * Folds one probe result (reference 3.3, 3.5). In `unknown` one pass is up and one failure is down. Results for a
 * backend that is not probed change nothing (R12). `mayGoDown` is asked only for a move from up to down; when it
 * says no, the counter stays where one more failure asks again.
 */
export function recordResult(
  machine: Machine,
  ok: boolean,
  rules: CounterRules,
  mayGoDown: () => boolean = () => true,
): Recorded {
  if (!isProbed(machine.state)) return { machine, held: false };
  const decidesAtOnce = machine.state === 'unknown' || !machine.verified;
  const counter = countResult(decidesAtOnce ? counterAtStart(rules) : machine.counter, ok, rules);
  const isUp = decidesAtOnce ? ok : counter >= rules.rise;
  if (machine.state === 'up' && !isUp && !mayGoDown()) {
    return { machine: { ...machine, counter: Math.min(machine.counter, rules.rise) }, held: true };
  }
  return { machine: { state: isUp ? 'up' : 'down', counter, verified: true }, held: false };
}

/** A backend without a check: up as soon as it runs. Reference 3.9. */
export function staticMachine(rules: CounterRules): Machine {
  return { state: 'up', counter: counterMax(rules), verified: true };
}

/** What a command does to a backend; `undefined` = it is so already. */
export interface CommandEffect {
  readonly to: 'paused' | 'disabled' | 'unknown';
  readonly code: StateCode;
}

/**
 * What an operator command does in a state (reference 3.5). Keyed by the state alone, so flag and state cannot drift
 * apart (R3). Throws `wrong-state` for pause and resume of a disabled backend (R1).
 */
export function commandEffect(state: BackendState, command: BackendCommand): CommandEffect | undefined {
  if (state === 'removed') throw new CodedError('not-found', 'the backend is not in the config any more');
  switch (command) {
    case 'pause':
      refuseDisabled(state, command);
      return state === 'paused' ? undefined : { to: 'paused', code: 'paused' };
    case 'resume':
      refuseDisabled(state, command);
      return state === 'paused' ? { to: 'unknown', code: 'resumed' } : undefined;
    case 'disable':
      return state === 'disabled' ? undefined : { to: 'disabled', code: 'disabled' };
    case 'enable':
      return state === 'disabled' ? { to: 'unknown', code: 'enabled' } : undefined;
  }
}

function refuseDisabled(state: BackendState, command: BackendCommand): void {
  if (state !== 'disabled') return;
  throw new CodedError('wrong-state', `the backend is disabled, so it cannot ${command}: enable it first`);
}
