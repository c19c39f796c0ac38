/** In how many equal steps a backend that came up gets its weight. */
export const SLOW_START_STEPS = 10;

/** What a backend gets while its slow start lasts. Times in epoch ms. */
export interface SlowStart {
  readonly weight: number;
  readonly nextStepMs: number;
  readonly endMs: number;
}

/**
 * The ramp of a backend that gets traffic since `sinceMs`: the first step at once, never below weight 1. Undefined when the
 * ramp is over or there is nothing to ramp. While the clock is behind `sinceMs` the first step holds until it has
 * caught up; behind by more than the whole ramp it was set back, and the ramp counts as over.
 * spec/balance "Rules", reference 12.4 (6).
 */
export function slowStart(
  weight: number,
  sinceMs: number,
  slowStartMs: number,
  nowMs: number,
): SlowStart | undefined {
  const ageMs = nowMs - sinceMs;
  if (weight === 0 || ageMs >= slowStartMs || ageMs < -slowStartMs) return undefined;
  // What is told does not move with the clock, and lies no further ahead than a whole ramp.
  if (ageMs < 0) return { weight: weightOf(weight, 1), nextStepMs: sinceMs, endMs: sinceMs };
  const step = Math.floor((ageMs * SLOW_START_STEPS) / slowStartMs) + 1;
  return {
    weight: weightOf(weight, step),
    nextStepMs: sinceMs + Math.ceil((slowStartMs * step) / SLOW_START_STEPS),
    endMs: sinceMs + slowStartMs,
  };
}

function weightOf(weight: number, step: number): number {
  return Math.max(1, Math.ceil((weight * step) / SLOW_START_STEPS));
}
