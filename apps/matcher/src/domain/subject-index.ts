import { lineageOf, type RunFact } from '@signalbox/contracts';

/** Lineages of the subscriptions that retract, by what their facts are about. A lineage may be there several times. */
export class SubjectIndex {
  private readonly lineages = new Map<string, Map<string, number>>();

  add(subscription: string, group: string, fact: RunFact): void {
    const key = keyOf(subscription, group, fact);
    const found = this.lineages.get(key) ?? new Map<string, number>();
    this.lineages.set(key, found);
    const lineage = lineageOf(fact.origin, fact.factKey);
    found.set(lineage, (found.get(lineage) ?? 0) + 1);
  }

  /** Takes out what was added with this fact. */
  delete(subscription: string, group: string, fact: RunFact): void {
    const key = keyOf(subscription, group, fact);
    const found = this.lineages.get(key);
    const lineage = lineageOf(fact.origin, fact.factKey);
    const left = (found?.get(lineage) ?? 0) - 1;
    if (left > 0) found?.set(lineage, left);
    else found?.delete(lineage);
    if (found?.size === 0) this.lineages.delete(key);
  }

  /** Lineages of which a fact has this origin and subject. */
  about(subscription: string, group: string, fact: Pick<RunFact, 'origin' | 'subject'>): string[] {
    return [...(this.lineages.get(keyOf(subscription, group, fact))?.keys() ?? [])];
  }
}

function keyOf(
  subscription: string,
  group: string,
  { origin, subject }: Pick<RunFact, 'origin' | 'subject'>,
): string {
  return `${subscription}\0${group}\0${origin}\0${subject}`;
}
