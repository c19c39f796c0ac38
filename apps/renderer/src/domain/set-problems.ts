import {
  isOfKind,
  keyOf,
  type LookupOf,
  lookupFor,
  refText,
  type Resource,
  type SetRule,
  type Surroundings,
} from '@signalbox/contracts';
import { claimed, type Claims, holderOf, type Resolution } from './claims.js';
import { compareText, type StartupResource } from './keyed-resource.js';
import type { LivePart, ProducedResource } from './live-part.js';
import type { Problem } from './problem.js';
import { TOPIC } from './topics.js';

/**
 * What the resources that a part holds break together with others (D15, D17): with what people declared, unless the part masks it,
 * and with what older parts hold. So of two parts the younger is told, whichever stands: an answer that hung on which of them
 * stands would not be one answer. A part that is held back counts as well, as it may come back. ADR 0041.
 *
 * `wrong`: keys of resources whose references are wrong. What the answer looked at is added to `lookups`. Costs what is near.
 */
export function setProblems(
  live: LivePart,
  claims: Claims,
  setRules: readonly SetRule[],
  wrong: ReadonlySet<string>,
  lookups: Set<string>,
): Problem[] {
  return setRules.flatMap((rule) => {
    const own = [...live.produces.values()].filter(
      ({ key, resource }) =>
        isAbout(rule, resource) &&
        !(rule.needsReferences === true && wrong.has(key)) &&
        holderOf(claims, key) === live,
    );
    return own.length === 0 ? [] : problemsOf(rule, own, new Beside(live, claims, rule, lookups));
  });
}

/** Whether any set rule is asked of a resource. */
export function hasSetRule(resource: Resource, setRules: readonly SetRule[]): boolean {
  return setRules.some((rule) => isAbout(rule, resource));
}

function problemsOf(rule: SetRule, own: readonly ProducedResource[], beside: Beside): Problem[] {
  const others = new Map<string, Resource>();
  for (const { resource } of own)
    for (const other of rule.near(resource, beside))
      if (beside.counts(other)) others.set(keyOf(other), other);
  for (const { key } of own) others.delete(key);
  const near = [...others].sort(([a], [b]) => compareText(a, b)).map(([, resource]) => resource);
  const check = rule.over([...own.map(({ resource }) => resource), ...near], beside.lookupOf);
  return own.flatMap(({ ref, resource, index }) =>
    check(resource).map(({ pointer, message }) => ({
      code: 'part-invalid' as const,
      pointer: `/resources/${index}${pointer}`,
      message: `${refText(ref)}: ${pointer} ${message}`,
    })),
  );
}

function isAbout({ about }: SetRule, resource: Resource): boolean {
  return about.some((kind) => isOfKind(resource, kind));
}

/** What stands beside a part, whichever other parts stand. */
class Beside implements Surroundings {
  /** Many resources of a part ask for the same places. */
  private readonly found = new Map<string, readonly Resource[]>();
  private readonly firsts = new Map<string, Resource | undefined>();

  constructor(
    private readonly live: LivePart,
    private readonly claims: Claims,
    private readonly rule: SetRule,
    private readonly lookups: Set<string>,
  ) {}

  readonly lookupOf: LookupOf = (asking) =>
    lookupFor(asking, (key) => {
      this.lookups.add(key);
      return claimed(this.claims, key)?.keyed.resource;
    });

  readonly at = (place: string): readonly Resource[] => {
    const known = this.found.get(place);
    if (known !== undefined) return known;
    const found = this.findAt(place);
    this.found.set(place, found);
    return found;
  };

  private findAt(place: string): readonly Resource[] {
    this.lookups.add(TOPIC.place(place));
    const found: Resource[] = [];
    for (const key of this.claims.keysAt(place)) {
      const one = claimed(this.claims, key);
      if (one?.keyed.places.has(place) && this.countsAs(one)) found.push(one.keyed.resource);
    }
    return found;
  }

  readonly firstDeclaredAt = (place: string): Resource | undefined => {
    if (!this.firsts.has(place)) this.firsts.set(place, this.findFirst(place));
    return this.firsts.get(place);
  };

  /** Whether a resource counts against the part; when another part comes to bring it, that is another answer. */
  counts(resource: Resource): boolean {
    const key = keyOf(resource);
    this.lookups.add(TOPIC.holder(key));
    const one = claimed(this.claims, key);
    return one !== undefined && this.countsAs(one);
  }

  private countsAs({ keyed: { key, resource }, holder }: Resolution): boolean {
    if (holder === undefined) return !this.live.masks.has(key);
    if (holder === this.live || holder.order < this.live.order) return true;
    return this.rule.helpedBy?.some((kind) => isOfKind(resource, kind)) ?? false;
  }

  private findFirst(place: string): Resource | undefined {
    this.lookups.add(TOPIC.declaredPlace(place));
    let first: StartupResource | undefined;
    for (const key of this.claims.declaredKeysAt(place)) {
      const one = this.claims.startup(key);
      if (one?.places.has(place) !== true || this.live.masks.has(key)) continue;
      if (first === undefined || key < first.key) first = one;
    }
    return first?.resource;
  }
}
