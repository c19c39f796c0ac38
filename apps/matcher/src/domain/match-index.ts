import type { Fact } from '@signalbox/contracts';
import type { Rule } from './rule.js';

/** Rules that share a place: nearly always one, so a set is made only for the second. */
type Place = Rule | Set<Rule>;
/** From "any" or one payload pair or one source node to the rules that ask for it; a rule that is alone needs no map. */
type Shelf = Rule | Map<string, Place>;
/** The shelves of one (group, type) by subject prefix; '' holds the rules without prefixes. */
interface Section {
  readonly shelves: Map<string, Shelf>;
  /** Prefix length → how many prefixes have it. A fact is looked up once per length, at most 513 times. */
  readonly lengths: Map<number, number>;
}

const ANY = '';

/**
 * Finds the rules that may match a fact without looking at the others: by group and type, then by subject prefix,
 * then by one payload pair or by source node. What it finds is a superset of what matches; `decideMatch` decides.
 * A rule takes one place per (type, prefix, source node); a usual one costs well under 1 KB.
 */
export class MatchIndex {
  private readonly rules = new Map<string, { readonly rule: Rule; readonly asks: readonly string[] }>();
  private readonly sections = new Map<string, Section>();
  /** By type of facts: the rules that retract by it. */
  private readonly retracting = new Map<string, Set<Rule>>();
  /** How many rules are found by a payload pair: a new rule takes the pair that the fewest use. */
  private readonly pairUse = new Map<string, number>();

  /** How many rules are in the index. */
  get size(): number {
    return this.rules.size;
  }

  /** The rule of a subscription, if it has one. */
  get(subscription: string): Rule | undefined {
    return this.rules.get(subscription)?.rule;
  }

  /** All rules, in no particular order. */
  all(): Rule[] {
    return Array.from(this.rules.values(), ({ rule }) => rule);
  }

  /** Adds the rule of a subscription in place of its earlier one. */
  put(rule: Rule): void {
    this.remove(rule.subscription);
    const asks = this.chooseAsks(rule);
    this.rules.set(rule.subscription, { rule, asks });
    for (const ask of asks) count(this.pairUse, ask, isPair(ask) ? 1 : 0);
    for (const type of rule.retract?.types ?? [])
      getOrAdd(this.retracting, sectionKey(rule.group, type), () => new Set()).add(rule);
    for (const [key, prefix] of places(rule)) {
      const section = getOrAdd(this.sections, key, () => ({ shelves: new Map(), lengths: new Map() }));
      const shelf = section.shelves.get(prefix);
      if (!shelf) {
        section.shelves.set(prefix, rule);
        count(section.lengths, prefix.length, 1);
        continue;
      }
      const shared = shelf instanceof Map ? shelf : this.share(section, prefix, shelf);
      for (const ask of asks) addTo(shared, ask, rule);
    }
  }

  /** Takes the rule of a subscription out; nothing happens when there is none. */
  remove(subscription: string): void {
    const entry = this.rules.get(subscription);
    if (!entry) return;
    const { rule, asks } = entry;
    this.rules.delete(subscription);
    for (const ask of asks) count(this.pairUse, ask, isPair(ask) ? -1 : 0);
    for (const type of rule.retract?.types ?? []) {
      const key = sectionKey(rule.group, type);
      const retracting = this.retracting.get(key);
      retracting?.delete(rule);
      if (retracting?.size === 0) this.retracting.delete(key);
    }
    for (const [key, prefix] of places(rule)) {
      const section = this.sections.get(key);
      const shelf = section?.shelves.get(prefix);
      if (!section || !shelf) continue;
      if (shelf instanceof Map) {
        for (const ask of asks) removeFrom(shelf, ask, rule);
        if (shelf.size > 0) continue;
      }
      section.shelves.delete(prefix);
      count(section.lengths, prefix.length, -1);
      if (section.shelves.size === 0) this.sections.delete(key);
    }
  }

  /** The rules that may match, each once, sorted by subscription. */
  candidates(fact: Fact): Rule[] {
    const section = this.sections.get(sectionKey(fact.group, fact.type));
    if (!section) return [];
    let answers: readonly string[] | undefined;
    const found: Rule[] = [];
    for (const length of section.lengths.keys()) {
      if (length > fact.subject.length) continue;
      const shelf = section.shelves.get(fact.subject.slice(0, length));
      if (!shelf) continue;
      if (!(shelf instanceof Map)) {
        found.push(shelf);
        continue;
      }
      answers ??= answersOf(fact);
      for (const answer of answers) {
        const place = shelf.get(answer);
        if (place instanceof Set) for (const rule of place) found.push(rule);
        else if (place) found.push(place);
      }
    }
    return found.sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  }

  /** The rules that retract by facts of this type. */
  retractedBy({ group, type }: Pick<Fact, 'group' | 'type'>): Iterable<Rule> {
    return this.retracting.get(sectionKey(group, type)) ?? [];
  }

  /** A second rule comes to a shelf that one had for itself. */
  private share(section: Section, prefix: string, alone: Rule): Map<string, Place> {
    const shared = new Map<string, Place>();
    for (const ask of this.rules.get(alone.subscription)?.asks ?? []) addTo(shared, ask, alone);
    section.shelves.set(prefix, shared);
    return shared;
  }

  /** What a fact must have for the rule to be looked at. An empty wanted value also matches a missing key: no place. */
  private chooseAsks(rule: Rule): readonly string[] {
    const pairs = Object.entries(rule.match.payload ?? {})
      .filter(([, wanted]) => wanted !== '')
      .map(pairAsk)
      .sort((a, b) => (this.pairUse.get(a) ?? 0) - (this.pairUse.get(b) ?? 0) || (a < b ? -1 : 1));
    const [rarest] = pairs;
    if (rarest !== undefined) return [rarest];
    const sources = rule.match.sourceNodes ?? [];
    return sources.length > 0 ? [...new Set(sources)].map(sourceAsk) : [ANY];
  }
}

/** Every (section, prefix) of a rule. A prefix that starts with a shorter one of the rule adds nothing. */
function places(rule: Rule): [string, string][] {
  const given = rule.match.subjectPrefixes?.length ? new Set(rule.match.subjectPrefixes) : new Set([ANY]);
  const prefixes = [...given].filter(
    (prefix) => ![...given].some((other) => other !== prefix && prefix.startsWith(other)),
  );
  return [...new Set(rule.match.types)].flatMap((type) =>
    prefixes.map((prefix): [string, string] => [sectionKey(rule.group, type), prefix]),
  );
}

/** Everything that a rule may ask of a fact and get. */
function answersOf({ sourceNode, payload }: Fact): string[] {
  return [ANY, sourceAsk(sourceNode), ...Object.entries(payload).map(pairAsk)];
}

function sectionKey(group: string, type: string): string {
  return `${group}\u0000${type}`;
}

function sourceAsk(node: string): string {
  return `source\u0000${node}`;
}

function pairAsk([key, value]: readonly [string, string]): string {
  return `pair\u0000${key}\u0000${value}`;
}

function isPair(ask: string): boolean {
  return ask.startsWith('pair\u0000');
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function count<K>(counts: Map<K, number>, key: K, by: number): void {
  if (by === 0) return;
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

function addTo(shelf: Map<string, Place>, ask: string, rule: Rule): void {
  const place = shelf.get(ask);
  if (place instanceof Set) place.add(rule);
  else shelf.set(ask, place ? new Set([place, rule]) : rule);
}

function removeFrom(shelf: Map<string, Place>, ask: string, rule: Rule): void {
  const place = shelf.get(ask);
  if (place instanceof Set) {
    place.delete(rule);
    if (place.size === 0) shelf.delete(ask);
  } else if (place === rule) shelf.delete(ask);
}
