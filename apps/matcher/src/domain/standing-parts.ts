import {
  isPartOfRun,
  lineageOf,
  type Part,
  type PartOfRun,
  type PartRecord,
  type PartRef,
} from '@signalbox/contracts';

/** What one source holds: of each lineage, the sequence of its newest fact. */
interface Standing {
  readonly generation: number;
  readonly subscription: string;
  readonly lineages: ReadonlyMap<string, number>;
}

/**
 * Which subscriptions have a part of which lineages in the effective config or held back: fold of the part records; parts of
 * sources are none. An older record of a source changes nothing, so records may be folded on top of newer rows.
 */
export class StandingParts {
  private readonly sources = new Map<string, Standing>();
  /** By lineage: the sources that hold it. */
  private readonly holders = new Map<string, Set<string>>();

  /** A part that stands. Those of sources are nobody's runs. */
  add(part: Part): void {
    if (!isPartOfRun(part)) return;
    const { source, generation, subscription } = part;
    const before = this.sources.get(source);
    if (before && before.generation >= generation) return;
    if (before) this.take(source, before);
    const lineages = lineagesOf(part);
    this.sources.set(source, { generation, subscription, lineages });
    for (const lineage of lineages.keys()) {
      const holders = this.holders.get(lineage);
      if (holders) holders.add(source);
      else this.holders.set(lineage, new Set([source]));
    }
  }

  fold(record: PartRecord): void {
    if (record.type === 'accepted') {
      this.add(record.part);
      for (const ref of record.supersedes) this.end(ref);
    } else if (record.type === 'expired' || record.type === 'withdrawn') this.end(record);
  }

  /** Generation of the part that a source holds, 0 when it holds none. */
  generationOf(source: string): number {
    return this.sources.get(source)?.generation ?? 0;
  }

  /** Subscriptions that have a part of a lineage from facts before this sequence only. */
  subscriptionsOf(group: string, lineage: string, beforeSeq: number): ReadonlySet<string> {
    const key = keyOf(group, lineage);
    const found = new Set<string>();
    for (const source of this.holders.get(key) ?? []) {
      const { subscription, lineages } = this.sources.get(source)!;
      if (lineages.get(key)! < beforeSeq) found.add(subscription);
    }
    return found;
  }

  private end({ source, generation }: PartRef): void {
    const standing = this.sources.get(source);
    if (standing?.generation === generation) this.take(source, standing);
  }

  private take(source: string, { lineages }: Standing): void {
    this.sources.delete(source);
    for (const lineage of lineages.keys()) {
      const holders = this.holders.get(lineage);
      holders?.delete(source);
      if (holders?.size === 0) this.holders.delete(lineage);
    }
  }
}

function lineagesOf({ group, facts }: PartOfRun): ReadonlyMap<string, number> {
  const lineages = new Map<string, number>();
  for (const { origin, factKey, seq } of facts) {
    const key = keyOf(group, lineageOf(origin, factKey));
    lineages.set(key, Math.max(seq, lineages.get(key) ?? 0));
  }
  return lineages;
}

function keyOf(group: string, lineage: string): string {
  return `${group}\0${lineage}`;
}
