import { compareFacts, type RunFact } from '@signalbox/contracts';
import type { MatchedFact } from './run-order.js';
import type { Rule } from './rule.js';

/** A fact of a type that retracts. */
export interface Retraction {
  readonly type: string;
  readonly fact: RunFact;
  /** When the site accepted it. Milliseconds since 1970. */
  readonly acceptedMs: number;
}

/**
 * Of each origin, subject and type that retracts, the newest fact: fold of the facts of a group that were valid when they were
 * accepted, for as long as they are kept. What one of them takes back does not come again, neither by an older fact that
 * arrives late nor by a changed rule. It holds only facts of types that some rule retracts by.
 */
export class Retractions {
  /** By group, then by {@link keyOf}, those that came first at the beginning. */
  private readonly groups = new Map<string, Map<string, Retraction>>();

  /** Facts of a group come in the order of their sequences. */
  add(group: string, retraction: Retraction): void {
    const known = this.groups.get(group) ?? new Map<string, Retraction>();
    this.groups.set(group, known);
    const key = keyOf(retraction.type, retraction.fact);
    const before = known.get(key);
    if (before && !isOlder(before.fact, retraction.fact)) return;
    known.delete(key);
    known.set(key, retraction);
  }

  /** Facts of a group up to a sequence are no longer kept. */
  retire(group: string, upTo: number): void {
    const known = this.groups.get(group) ?? new Map<string, Retraction>();
    for (const [key, { fact }] of known) {
      if (fact.seq > upTo) return;
      known.delete(key);
    }
  }

  /** The newest fact that takes back under a rule what this fact leads to. A refresh says anew what its fact said. */
  of(
    { group, retract }: Rule,
    { fact, version }: Pick<MatchedFact, 'fact' | 'version'>,
  ): Retraction | undefined {
    const known = this.groups.get(group);
    let newest: Retraction | undefined;
    for (const type of known ? (retract?.types ?? []) : []) {
      const one = known?.get(keyOf(type, fact));
      if (one && (!newest || isOlder(newest.fact, one.fact))) newest = one;
    }
    const isSaidAnew = version > 1 && fact.seq > (newest?.fact.seq ?? 0);
    return newest && !isSaidAnew && isOlder(fact, newest.fact) ? newest : undefined;
  }
}

/**
 * Whether a fact is older than another one of the same origin: as {@link compareFacts} says, or by the order in which they were
 * accepted when a record does not tell their times.
 */
export function isOlder(fact: RunFact, than: RunFact): boolean {
  const { observedAt } = fact;
  if (observedAt === undefined || than.observedAt === undefined) return fact.seq < than.seq;
  return compareFacts({ ...fact, observedAt }, { ...than, observedAt: than.observedAt }) < 0;
}

function keyOf(type: string, { origin, subject }: Pick<RunFact, 'origin' | 'subject'>): string {
  return `${type}\0${origin}\0${subject}`;
}
