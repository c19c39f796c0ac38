import type { CounterMode } from '@signalbox/contracts';

/** How results move the counter of a backend. `rise` and `fall` are at least 1. Reference maglev 3.2-3.4. */
export interface CounterRules {
  readonly rise: number;
  readonly fall: number;
  readonly mode: CounterMode;
}

/** Highest value: rise + fall - 1. From `rise` on the counter says up. */
export function counterMax({ rise, fall }: CounterRules): number {
  return rise + fall - 1;
}

/** Where the counter stands on entering `unknown`: one pass below up. */
export function counterAtStart({ rise }: CounterRules): number {
  return rise - 1;
}

/**
 * The counter after one result. `linear`: one step, within 0 and the maximum. `haproxy`: a pass that reaches `rise`
 * goes to the maximum and a failure at `rise` to 0, so that `fall` failures in a row are needed from any up value.
 */
export function countResult(counter: number, ok: boolean, rules: CounterRules): number {
  const max = counterMax(rules);
  if (rules.mode === 'linear') return ok ? Math.min(counter + 1, max) : Math.max(counter - 1, 0);
  if (ok) return counter + 1 >= rules.rise ? max : counter + 1;
  return counter > rules.rise ? counter - 1 : 0;
}
