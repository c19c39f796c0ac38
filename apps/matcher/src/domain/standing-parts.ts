import {
  isPartOfRun,
  lineageOf,
  type Part,
  type PartOfRun,
  type PartRecord,
  type PartRef,
  type RunFact,
} from '@signalbox/contracts';
import { Heirs } from './heirs.js';
import { SubjectIndex } from './subject-index.js';

/** What one source holds. */
interface Standing {
  readonly source: string;
  readonly generation: number;
  readonly subscription: string;
  readonly group: string;
  /** Of each lineage, by {@link keyOf}, its newest fact. */
  readonly lineages: ReadonlyMap<string, RunFact>;
  /** Rises with each part that comes: a lineage belongs to the newest part that holds it. */
  readonly order: number;
  /** Lineages whose newest fact no longer leads to anything, and why. */
  readonly gone: Map<string, string>;
  /** A run of what is left of it was planned. */
  isRemade: boolean;
}

/** A part of several lineages of which some have left. */
export interface LeftPart extends PartRef {
  readonly subscription: string;
  readonly group: string;
  /** The newest facts of the lineages that are still its own. */
  readonly facts: readonly RunFact[];
  /** Lineages that left it for no other part, and why. */
  readonly gone: readonly string[];
  readonly reason: string;
}

/**
 * Which subscriptions have a part of which lineages in the effective config or held back: fold of the part records; parts of
 * sources are none. An older record of a source changes nothing, so records may be folded on top of newer rows. Rows come in the
 * order in which the parts were accepted.
 */
export class StandingParts {
  private readonly sources = new Map<string, Standing>();
  /** By lineage: the sources that hold it. */
  private readonly holders = new Map<string, Set<string>>();
  /** Sources of parts of which a lineage may have left. */
  private readonly touched = new Set<string>();
  /** Subscriptions that retract. */
  private readonly retracting = new Set<string>();
  private readonly subjects = new SubjectIndex();
  private orders = 0;
  private heirs = new Heirs([]);

  /** What stands of a subscription that another one took over from belongs to that one from now on. */
  handOver(heirs: Heirs): void {
    const before = this.heirs;
    this.heirs = heirs;
    const changed = [...before.handedOver(), ...heirs.handedOver()].filter(
      (name) => before.heirOf(name) !== heirs.heirOf(name),
    );
    if (changed.length === 0) return;
    for (const former of changed) if (this.retracting.has(heirs.heirOf(former))) this.retracts(former);
    const concerned = new Set(changed.flatMap((name) => [name, before.heirOf(name), heirs.heirOf(name)]));
    for (const standing of this.sources.values())
      if (concerned.has(standing.subscription)) this.touch(standing);
  }

  /** Whether a subscription has a part of a lineage by its own name. */
  hasOwn(subscription: string, group: string, lineage: string): boolean {
    const holders = [...(this.holders.get(keyOf(group, lineage)) ?? [])];
    return holders.some((source) => this.sources.get(source)!.subscription === subscription);
  }

  /** A part that stands. Those of sources are nobody's runs. */
  add(part: Part): void {
    if (!isPartOfRun(part)) return;
    const { source, generation, subscription, group } = part;
    const before = this.sources.get(source);
    if (before && before.generation >= generation) return;
    if (before) this.take(before);
    this.orders += 1;
    const lineages = lineagesOf(part);
    const standing = {
      ...{ source, generation, subscription, group, lineages, order: this.orders },
      ...{ gone: new Map<string, string>(), isRemade: false },
    };
    this.sources.set(source, standing);
    if (this.retracting.has(subscription))
      for (const fact of lineages.values()) this.subjects.add(subscription, group, fact);
    for (const lineage of lineages.keys()) {
      for (const holder of this.holding(this.heirs.heirOf(subscription), lineage)) this.touch(holder);
      const holders = this.holders.get(lineage);
      if (holders) holders.add(source);
      else this.holders.set(lineage, new Set([source]));
    }
  }

  /** The subscription retracts: from now on {@link about} knows what it has. */
  retracts(subscription: string): void {
    for (const name of this.heirs.namesOf(subscription)) {
      if (this.retracting.has(name)) continue;
      this.retracting.add(name);
      for (const standing of this.sources.values())
        if (standing.subscription === name)
          for (const fact of standing.lineages.values()) this.subjects.add(name, standing.group, fact);
    }
  }

  /** Of lineages of a subscription that retracts and have a fact of this origin and subject: the facts that parts have of them. */
  about(subscription: string, group: string, fact: Pick<RunFact, 'origin' | 'subject'>): RunFact[] {
    const names = this.heirs.namesOf(subscription);
    const lineages = new Set(names.flatMap((name) => this.subjects.about(name, group, fact)));
    return [...lineages].flatMap((lineage) => {
      const key = keyOf(group, lineage);
      return this.holding(subscription, key).flatMap(({ lineages }) => lineages.get(key) ?? []);
    });
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
      if (lineages.get(key)!.seq < beforeSeq) found.add(this.heirs.heirOf(subscription));
    }
    return found;
  }

  /** Lineages of a group that stand in parts together with others. */
  sharedLineages(group: string): string[] {
    const shared = [...this.sources.values()].filter((one) => one.group === group && one.lineages.size > 1);
    return shared.flatMap(({ lineages }) => [...lineages.values()].map(lineageOfFact));
  }

  /**
   * A lineage of a subscription leads to nothing any more: parts that have others are {@link left}. Tells whether one that has no other
   * is to be withdrawn.
   */
  leave(subscription: string, group: string, lineage: string, reason: string): boolean {
    const key = keyOf(group, lineage);
    const holding = this.holding(subscription, key);
    for (const standing of holding) {
      standing.gone.set(key, reason);
      this.touch(standing);
    }
    return holding.some(({ lineages }) => lineages.size === 1);
  }

  /** A run of what is left of a part is planned; there is one for each part. */
  remade({ source, generation }: PartRef): void {
    const standing = this.sources.get(source);
    if (standing?.generation !== generation) return;
    standing.isRemade = true;
    this.touched.delete(source);
  }

  /** Parts of which lineages have left, until they end or are {@link remade}. */
  left(): LeftPart[] {
    return [...this.touched].flatMap((source) => {
      const left = this.leftOf(this.sources.get(source)!);
      if (left) return [left];
      // what may change that touches it again
      this.touched.delete(source);
      return [];
    });
  }

  private leftOf(standing: Standing): LeftPart | undefined {
    const { source, generation, group, lineages, gone, order } = standing;
    const subscription = this.heirs.heirOf(standing.subscription);
    const taken = [...lineages.keys()].filter((key) =>
      this.holding(subscription, key).some((one) => one.order > order),
    );
    const left = [...lineages].filter(([key]) => !gone.has(key) && !taken.includes(key));
    const facts = left.map(([, fact]) => fact);
    const ended = [...gone.keys()].filter((key) => !taken.includes(key));
    // what newer parts hold altogether is superseded by the last of them
    if (facts.length === lineages.size || facts.length + ended.length === 0) return undefined;
    const [why] = ended.flatMap((key) => gone.get(key) ?? []);
    const reason = why ?? `a newer part has ${taken.length} of its ${lineages.size} lineages`;
    return {
      ...{ source, generation, subscription, group, facts, reason },
      gone: ended.map((key) => lineageOfFact(lineages.get(key)!)),
    };
  }

  private holding(subscription: string, key: string): Standing[] {
    return [...(this.holders.get(key) ?? [])]
      .map((source) => this.sources.get(source)!)
      .filter((one) => this.heirs.heirOf(one.subscription) === subscription);
  }

  private touch(standing: Standing): void {
    if (standing.lineages.size > 1 && !standing.isRemade) this.touched.add(standing.source);
  }

  private end({ source, generation }: PartRef): void {
    const standing = this.sources.get(source);
    if (standing?.generation === generation) this.take(standing);
  }

  private take({ source, subscription, group, lineages }: Standing): void {
    this.sources.delete(source);
    if (this.retracting.has(subscription))
      for (const fact of lineages.values()) this.subjects.delete(subscription, group, fact);
    this.touched.delete(source);
    for (const lineage of lineages.keys()) {
      const holders = this.holders.get(lineage);
      holders?.delete(source);
      if (holders?.size === 0) this.holders.delete(lineage);
    }
  }
}

function lineagesOf({ group, facts }: PartOfRun): ReadonlyMap<string, RunFact> {
  const lineages = new Map<string, RunFact>();
  for (const fact of facts) {
    const key = keyOf(group, lineageOfFact(fact));
    if (fact.seq >= (lineages.get(key)?.seq ?? 0)) lineages.set(key, fact);
  }
  return lineages;
}

function lineageOfFact({ origin, factKey }: RunFact): string {
  return lineageOf(origin, factKey);
}

function keyOf(group: string, lineage: string): string {
  return `${group}\0${lineage}`;
}
