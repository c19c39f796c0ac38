import type { BackendState } from '@signalbox/contracts';
import { counterMax, type CounterRules } from './counter.js';
import type { Machine } from './machine.js';
import { isProbed } from './machine.js';

/** How old a projection may be and still be trusted, in probe intervals. spec/health "State machine". */
export const TRUSTED_INTERVALS = 2;

/** What is known of a backend after a restart. */
export interface Stored {
  readonly state: BackendState;
  /** As last saved; absent when it was not, or for an older record. */
  readonly counter?: number;
  /** False: the time before had not confirmed the state either. */
  readonly verified?: boolean;
}

/**
 * The machine of a backend after our own restart: the state it was in, never `unknown` for our sake (R8). When the state
 * had been confirmed and probes stopped no longer than two intervals ago, it goes on as if nothing had happened; else
 * its next result decides at once.
 */
export function restoreMachine(
  stored: Stored,
  rules: CounterRules,
  awayMs: number,
  intervalMs: number,
): Machine {
  const max = counterMax(rules);
  const { state } = stored;
  const ends = state === 'up' ? max : state === 'down' ? 0 : rules.rise - 1;
  const [low, high] =
    state === 'up' ? [rules.rise, max] : state === 'down' ? [0, rules.rise - 1] : [ends, ends];
  const counter = Math.min(Math.max(stored.counter ?? ends, low), high);
  const isTrusted = (stored.verified ?? true) && awayMs <= TRUSTED_INTERVALS * intervalMs;
  return { state, counter, verified: !isProbed(state) || isTrusted };
}
