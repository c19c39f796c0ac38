import { FLAG, oneOf, type Schema, text, wholeNumber } from '../../schema/shape.js';
import { ALL_DOWN_MODES, POOL_ACTIVATIONS, type TierRules } from './specs.js';

/** Most backends of a pool that a listener may wait for. */
export const MAX_MIN_UP = 10_000;

/** Schemas of the {@link TierRules} of a Frontend or Listener. */
export const TIER_RULES: Readonly<Record<keyof TierRules, Schema>> = {
  flushOnDown: FLAG,
  failbackDelay: text('duration-or-zero'),
  minUp: wholeNumber(1, MAX_MIN_UP),
  poolActivation: oneOf(POOL_ACTIVATIONS),
  slowStart: text('duration-or-zero'),
  allDown: oneOf(ALL_DOWN_MODES),
};
