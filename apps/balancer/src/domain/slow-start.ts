/** In how many equal steps a backend that came up gets its weight. */
export const SLOW_START_STEPS = 10;

/** What a backend gets while its slow start lasts. Times in epoch ms. */
export interface SlowStart {
  readonly weight: number;
  readonly nextStepMs: number;
  readonly endMs: number;
}

/**
 * The ramp of a backend that is up since `sinceMs`: the first step at once, never below weight 1. Undefined when the
 * ramp is over or there is nothing to ramp. spec/balance "Rules", reference 12.4 (6).
 */
export function slowStart(
  weight: number,
  sinceMs: number,
  slowStartMs: number,
  nowMs: number,
): SlowStart | undefined {
  // The clock that wrote `sinceMs` may be ahead of ours.
  const ageMs = Math.max(0, nowMs - sinceMs);
  if (weight === 0 || ageMs >= slowStartMs) return undefined;
  const step = Math.floor((ageMs * SLOW_START_STEPS) / slowStartMs) + 1;
  return {
    weight: Math.max(1, Math.ceil((weight * step) / SLOW_START_STEPS)),
    nextStepMs: sinceMs + Math.ceil((slowStartMs * step) / SLOW_START_STEPS),
    endMs: sinceMs + slowStartMs,
  };
}
