import { lineageOf, type RunFact, type RunOrder } from '@signalbox/contracts';
import { isBeyond } from './lineage-book.js';

interface Planned {
  plannedSeq: number;
  plannedRevision: number;
}

/**
 * What was planned, by subscription and lineage. A start reads facts again that were matched before the stop; those that
 * were planned as well are known from here.
 */
export class PlannedSince {
  private readonly lineages = new Map<string, Planned>();

  add({ subscription, group, revision, facts }: RunOrder): void {
    for (const fact of facts) {
      const key = keyOf(subscription, group, fact);
      const known = this.lineages.get(key);
      if (!known) this.lineages.set(key, { plannedSeq: fact.seq, plannedRevision: revision });
      else if (isBeyond(fact.seq, revision, known))
        this.lineages.set(key, { plannedSeq: fact.seq, plannedRevision: revision });
    }
  }

  /** Whether this fact, or a newer one of its lineage, was planned at this revision of the rule or a later one. */
  has(subscription: string, group: string, fact: RunFact, revision: number): boolean {
    const known = this.lineages.get(keyOf(subscription, group, fact));
    return known !== undefined && !isBeyond(fact.seq, revision, known);
  }

  clear(): void {
    this.lineages.clear();
  }
}

function keyOf(subscription: string, group: string, { origin, factKey }: RunFact): string {
  return `${subscription}\0${group}\0${lineageOf(origin, factKey)}`;
}
