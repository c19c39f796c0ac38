import type { Check } from './check.js';
import { counterMax } from './counter.js';
import type { Machine } from './machine.js';

/** Share of an interval by which a probe may come sooner or later. Reference 3.8. */
export const JITTER = 0.1;

/** Time to the next probe: sooner while it is not clear how the backend is, later while it is fully down. Reference 3.8. */
export function probeInterval({ state, counter, verified }: Machine, check: Check): number {
  if (state === 'unknown' || !verified) return check.fastIntervalMs;
  if (counter === counterMax(check.counter)) return check.intervalMs;
  return counter === 0 ? check.downIntervalMs : check.fastIntervalMs;
}

/** An interval moved by up to 10 % either way. `random` is in [0, 1). */
export function withJitter(intervalMs: number, random: number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * random);
}
