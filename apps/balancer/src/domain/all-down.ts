import type { AllDownMode } from '@signalbox/contracts';
import type { CountedMember } from './active-pool.js';
import type { TargetWeight } from './target-weight.js';

/**
 * What a member gets instead of the truth table while no backend of any pool is up: checks that all fail at once may
 * be what is broken. What an operator took out stays out. Undefined: the truth table holds.
 * spec/balance "Rules", reference 12.4 (4).
 */
export function allDownWeight(
  mode: AllDownMode,
  { state, weight }: CountedMember,
  pool: number,
  lastEffective: number,
): TargetWeight | undefined {
  if (state !== 'down' && state !== 'unknown') return undefined;
  switch (mode) {
    case 'drop':
      return undefined;
    case 'keep-last':
      // Weight 0 is what an operator drains with. A member that had nothing keeps nothing: the table says why.
      if (weight === 0 || lastEffective === 0) return undefined;
      return { rule: 'keep-last', effective: lastEffective, flush: false };
    case 'spread':
      return pool === 0 ? { rule: 'spread', effective: weight, flush: false } : undefined;
  }
}
