import type { WeightRule } from '@signalbox/contracts';
import type { CountedMember } from './active-pool.js';

/** Where the member stands. */
export interface TargetPlace {
  /** Index of its pool. */
  readonly pool: number;
  /** Index of the active pool. */
  readonly active: number;
  readonly flushOnDown: boolean;
}

/** What the data plane must do with a member, and by which rule. */
export interface TargetWeight {
  readonly rule: WeightRule;
  /** 0-100. */
  readonly effective: number;
  readonly flush: boolean;
}

/** The truth table of reference 5.1, row by row. */
export function targetWeight({ state, weight }: CountedMember, place: TargetPlace): TargetWeight {
  switch (state) {
    case 'up':
      if (place.pool !== place.active) return { rule: 'standby', effective: 0, flush: false };
      return { rule: weight === 0 ? 'weight-zero' : 'active', effective: weight, flush: false };
    case 'unknown':
      return { rule: 'unknown', effective: 0, flush: false };
    case 'down':
      return { rule: 'down', effective: 0, flush: place.flushOnDown };
    case 'paused':
      return { rule: 'paused', effective: 0, flush: false };
    case 'disabled':
      return { rule: 'disabled', effective: 0, flush: true };
    case 'removed':
    case 'missing':
      return { rule: 'missing', effective: 0, flush: false };
  }
}
