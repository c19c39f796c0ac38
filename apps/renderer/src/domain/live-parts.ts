import { isAfter, type PartRef, type RecordPlace } from '@signalbox/contracts';
import type { LivePart } from './live-part.js';

/**
 * The parts that have not ended: one per source, by owner and by lineage, and the last generation of every source
 * of which a part is kept, ended ones too, so that generations only rise.
 */
export class LiveParts {
  private readonly bySource = new Map<string, LivePart>();
  private readonly byOwner = new Map<string, Set<LivePart>>();
  private readonly byLineage = new Map<string, Set<LivePart>>();
  private readonly generations = new Map<string, number>();
  private readonly proposals = new WeakMap<LivePart, RecordPlace>();

  get size(): number {
    return this.bySource.size;
  }

  /** Sources whose last generation is known. */
  get sources(): number {
    return this.generations.size;
  }

  all(): Iterable<LivePart> {
    return this.bySource.values();
  }

  ofSource(source: string): LivePart | undefined {
    return this.bySource.get(source);
  }

  /** The live part of exactly this generation. */
  find({ source, generation }: PartRef): LivePart | undefined {
    const live = this.bySource.get(source);
    return live?.part.generation === generation ? live : undefined;
  }

  lastGeneration(source: string): number {
    return this.generations.get(source) ?? 0;
  }

  raiseGeneration(source: string, generation: number): void {
    this.generations.set(source, Math.max(this.lastGeneration(source), generation));
  }

  /** Whether a source has no part, and had none newer than this one. */
  hasEnded({ source, generation }: PartRef): boolean {
    return !this.bySource.has(source) && this.generations.get(source) === generation;
  }

  /** Nothing is kept of a source that has ended: its next part is the first again. */
  forget(ended: PartRef): void {
    if (this.hasEnded(ended)) this.generations.delete(ended.source);
  }

  add(live: LivePart): void {
    const { source, generation, owner } = live.part;
    this.raiseGeneration(source, generation);
    this.bySource.set(source, live);
    insert(this.byOwner, owner, live);
    for (const lineage of live.lineages) insert(this.byLineage, lineageKey(owner, lineage), live);
  }

  delete(live: LivePart): void {
    const { source, owner } = live.part;
    if (this.bySource.get(source) === live) this.bySource.delete(source);
    remove(this.byOwner, owner, live);
    for (const lineage of live.lineages) remove(this.byLineage, lineageKey(owner, lineage), live);
  }

  /** Tells where a part was proposed. */
  proposed(live: LivePart, at: RecordPlace): void {
    this.proposals.set(live, at);
  }

  /** Whether a part was proposed after a record. One of which that is not known was there before everything else. */
  isProposedAfter(live: LivePart, place: RecordPlace): boolean {
    const proposed = this.proposals.get(live);
    return proposed !== undefined && isAfter(proposed, place);
  }

  /** Parts of an owner, by all of its names, in acceptance order: all, or those that came from one of the lineages. */
  ofOwner(names: readonly string[], lineages?: readonly string[]): LivePart[] {
    const found = new Set(
      lineages === undefined
        ? names.flatMap((name) => [...(this.byOwner.get(name) ?? [])])
        : lineages.flatMap((lineage) => this.withLineage(names, lineage)),
    );
    return [...found].sort((a, b) => a.order - b.order);
  }

  /** Whether an owner has a part by one name of what the part holds: of one of its lineages, or any when it has none. */
  hasOwn(name: string, { lineages }: LivePart): boolean {
    const found = this.ofOwner([name], lineages.size === 0 ? undefined : [...lineages]);
    return found.some((live) => lineages.size > 0 || live.lineages.size === 0);
  }

  /**
   * Parts that a newly accepted part leaves without a lineage: same owner, by whichever of its names, another source, and each of their
   * lineages is held by the new part or by another part newer than they are. A part of no lineages leaves none of its kind.
   */
  supersededBy(arriving: LivePart, names: readonly string[]): LivePart[] {
    const { source } = arriving.part;
    const found =
      arriving.lineages.size === 0
        ? this.ofOwner(names).filter(({ lineages }) => lineages.size === 0)
        : this.ofOwner(names, [...arriving.lineages]);
    return found.filter(
      (older) =>
        older.part.source !== source &&
        [...older.lineages].every(
          (lineage) => arriving.lineages.has(lineage) || this.isTaken(older, lineage, names, source),
        ),
    );
  }

  /** Whether a part has no lineage but these (all when none are named) and those that newer parts of its owner have. */
  isLeftBy(live: LivePart, lineages: readonly string[] | undefined, names: readonly string[]): boolean {
    if (lineages === undefined) return true;
    const named = new Set(lineages);
    return [...live.lineages].every((lineage) => named.has(lineage) || this.isTaken(live, lineage, names));
  }

  /** Whether a newer part of the same owner has a lineage of a part; that of `except` goes. */
  private isTaken(older: LivePart, lineage: string, names: readonly string[], except?: string): boolean {
    const holders = this.withLineage(names, lineage);
    return holders.some((holder) => holder.order > older.order && holder.part.source !== except);
  }

  private withLineage(names: readonly string[], lineage: string): LivePart[] {
    return names.flatMap((name) => [...(this.byLineage.get(lineageKey(name, lineage)) ?? [])]);
  }
}

function lineageKey(owner: string, lineage: string): string {
  return `${owner}\u0000${lineage}`;
}

function insert(index: Map<string, Set<LivePart>>, key: string, live: LivePart): void {
  const members = index.get(key);
  if (members === undefined) index.set(key, new Set([live]));
  else members.add(live);
}

function remove(index: Map<string, Set<LivePart>>, key: string, live: LivePart): void {
  const members = index.get(key);
  members?.delete(live);
  if (members?.size === 0) index.delete(key);
}
