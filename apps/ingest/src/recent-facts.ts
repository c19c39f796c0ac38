import type { KnownFact, NewestFact } from './domain/decide-fact.js';

/**
 * What the newest records of a group say of ids and lineages, for as long as the table does not show them. Both maps
 * stay ordered by sequence, so that {@link projected} can stop at the first entry that is too new.
 */
export class RecentFacts {
  private readonly known = new Map<string, KnownFact>();
  private readonly newest = new Map<string, NewestFact & { readonly seq: number }>();

  /** How many ids are remembered. */
  get size(): number {
    return this.known.size;
  }

  knownOf(id: string): KnownFact | undefined {
    return this.known.get(id);
  }

  newestOf(lineage: string): NewestFact | undefined {
    return this.newest.get(lineage);
  }

  /** A record was appended; `current`: its fact is the newest of its lineage. */
  remember(id: string, lineage: string, known: KnownFact, current: boolean): void {
    this.known.delete(id);
    this.known.set(id, known);
    if (!current) return;
    this.newest.delete(lineage);
    const { observedAt, originSequence, seq } = known;
    this.newest.set(lineage, {
      observedAt,
      ...(originSequence !== undefined && { originSequence }),
      id,
      seq,
    });
  }

  /** The table shows everything up to `seq`. */
  projected(seq: number): void {
    for (const [id, fact] of this.known) {
      if (fact.seq > seq) break;
      this.known.delete(id);
    }
    for (const [lineage, fact] of this.newest) {
      if (fact.seq > seq) break;
      this.newest.delete(lineage);
    }
  }

  clear(): void {
    this.known.clear();
    this.newest.clear();
  }
}
