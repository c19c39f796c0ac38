import { ownerKey, ownerOfResource, type Succession } from '@signalbox/contracts';
import type { ClaimedResource, StartupResource } from './keyed-resource.js';
import type { LivePart } from './live-part.js';
import { maskersOf } from './masks.js';
import type { Problem } from './problem.js';
import { type Placed, PlaceIndex, TOPIC, type Topical, TopicIndex } from './topics.js';

/** Who wants to say what an identity is: the operator, and the live parts that produce it in acceptance order. */
export interface Claims {
  startup(key: string): StartupResource | undefined;
  claimants(key: string): readonly LivePart[];
  /** Operator resources by what they are about, see TOPIC. */
  startupAbout(topic: string): Iterable<StartupResource>;
  /** Live parts by what they are about. */
  partsAbout(topic: string): Iterable<LivePart>;
  /** Identities of which some version takes a place of a set rule, once each; whether that one counts is to be seen. */
  keysAt(place: string): Iterable<string>;
  /** Those of operator resources alone. */
  declaredKeysAt(place: string): Iterable<string>;
}

/** Whom parts belong to, as the operator resources of some claims say. */
export function successionIn(claims: Pick<Claims, 'startup' | 'startupAbout'>): Succession {
  const heirOf = (owner: string): string => {
    const key = ownerKey(owner);
    if (key === undefined || claims.startup(key) !== undefined) return owner;
    const heirs = Array.from(
      claims.startupAbout(TOPIC.heir(owner)),
      ({ resource }) => ownerOfResource(resource)!.owner,
    );
    return heirs.sort()[0] ?? owner;
  };
  return {
    heirOf,
    namesOf(owner) {
      const resource = claims.startup(ownerKey(owner) ?? '')?.resource;
      const former = resource && ownerOfResource(resource)?.former;
      return former !== undefined && heirOf(former) === owner ? [owner, former] : [owner];
    },
  };
}

/** The owner that a part belongs to. */
export function ownerIn(claims: Pick<Claims, 'startup' | 'startupAbout'>, { part }: LivePart): string {
  return successionIn(claims).heirOf(part.owner);
}

/** Whether a part merges, and which identities and topics that answer looked at. No problems = it merges. */
export interface Verdict {
  readonly problems: readonly Problem[];
  readonly lookups: ReadonlySet<string>;
}

/** Claims with what was found out about the parts. */
export interface JudgedClaims extends Claims {
  verdict(live: LivePart): Verdict | undefined;
  /** Parts whose verdict looked at the identity or topic. */
  dependents(key: string): Iterable<LivePart>;
}

const NONE: readonly LivePart[] = [];

/**
 * The part that decides about an identity: the newest of the owner that held it first; none when an operator declared
 * it. A quarantined part keeps what it holds until it ends, so nobody takes it meanwhile and it can come back; an
 * older part of the owner does not fill in for it, that would bring back what the owner had replaced.
 */
export function holderOf(claims: Claims, key: string): LivePart | undefined {
  if (claims.startup(key) !== undefined) return undefined;
  const claimants = claims.claimants(key);
  const [first] = claimants;
  if (first === undefined || claimants.length === 1) return first;
  const owner = ownerIn(claims, first);
  return claimants.findLast((live) => ownerIn(claims, live) === owner);
}

/** What an identity is in the effective config. Exactly one of `revision` and `holder` is there. */
export interface Resolution {
  readonly keyed: ClaimedResource;
  readonly revision?: number;
  readonly holder?: LivePart;
}

/** What an identity is when exactly the parts that `stands` names are active, and nothing is masked. */
export function resolve(
  claims: Claims,
  key: string,
  stands: (live: LivePart) => boolean,
): Resolution | undefined {
  const startup = claims.startup(key);
  if (startup !== undefined) return { keyed: startup, revision: startup.revision };
  const holder = holderOf(claims, key);
  const produced = holder?.produces.get(key);
  return holder !== undefined && produced !== undefined && stands(holder)
    ? { keyed: produced, holder }
    : undefined;
}

/** What an identity would be if all parts stood and nothing were masked: that hangs on who is live only. */
export function claimed(claims: Claims, key: string): Resolution | undefined {
  return resolve(claims, key, () => true);
}

/** What an identity is in the effective config when exactly the parts that `stands` names are active. */
export function resolveUnmasked(
  claims: Claims,
  key: string,
  stands: (live: LivePart) => boolean,
): Resolution | undefined {
  return maskersOf(claims, key, stands).length > 0 ? undefined : resolve(claims, key, stands);
}

/** Identities that a part decides about. */
export function* heldKeys(claims: Claims, live: LivePart): Iterable<string> {
  for (const key of live.produces.keys()) if (holderOf(claims, key) === live) yield key;
}

/** What one record does to the claims. A startup entry that is undefined was deleted. */
export interface Change {
  readonly startup?: ReadonlyMap<string, StartupResource | undefined>;
  readonly ending?: readonly LivePart[];
  readonly arriving?: readonly LivePart[];
  /** Parts that belong to another owner than before, by what `startup` says. */
  readonly handedOver?: readonly LivePart[];
}

/** Identities that a change says something else about. */
export function touchedKeys({ startup, ending = [], arriving = [], handedOver = [] }: Change): Set<string> {
  const keys = new Set(startup?.keys());
  for (const live of [...ending, ...arriving, ...handedOver])
    for (const key of live.produces.keys()) keys.add(key);
  return keys;
}

/** Identities that a change shows or hides. */
export function maskedKeys({ ending = [], arriving = [] }: Change): Set<string> {
  return new Set([...ending, ...arriving].flatMap(({ masks }) => [...masks.keys()]));
}

/** The claims as they would be after a change, without making it. Costs the change, not the claims. */
export function claimsAfter(before: JudgedClaims, change: Change): JudgedClaims {
  const ending = new Set(change.ending);
  const arriving = new Map<string, LivePart[]>();
  for (const live of change.arriving ?? []) append(arriving, live);
  const claimants = new Map<string, readonly LivePart[]>();
  for (const key of touchedKeys(change)) {
    const left = before.claimants(key).filter((live) => !ending.has(live));
    claimants.set(key, [...left, ...(arriving.get(key) ?? NONE)]);
  }
  const put = indexedOnce(() => [...(change.startup?.values() ?? [])].filter((one) => one !== undefined));
  const come = indexedOnce(() => change.arriving ?? []);
  const declaredNow = placesOnce(() => [...(change.startup ?? [])]);
  const broughtNow = placesOnce(() => (change.arriving ?? []).flatMap(({ produces }) => [...produces]));
  return {
    startup: (key) => (change.startup?.has(key) ? change.startup.get(key) : before.startup(key)),
    claimants: (key) => claimants.get(key) ?? before.claimants(key),
    *startupAbout(topic) {
      for (const resource of before.startupAbout(topic))
        if (!change.startup?.has(resource.key)) yield resource;
      yield* put().about(topic);
    },
    *partsAbout(topic) {
      for (const live of before.partsAbout(topic)) if (!ending.has(live)) yield live;
      yield* come().about(topic);
    },
    keysAt: (place) =>
      new Set([...before.keysAt(place), ...declaredNow().at(place), ...broughtNow().at(place)]),
    declaredKeysAt: (place) => new Set([...before.declaredKeysAt(place), ...declaredNow().at(place)]),
    verdict: (live) => before.verdict(live),
    *dependents(key) {
      for (const live of before.dependents(key)) if (!ending.has(live)) yield live;
    },
  };
}

/** The topics of some things, indexed when they are first asked for. */
function indexedOnce<T extends Topical>(things: () => readonly T[]): () => TopicIndex<T> {
  let index: TopicIndex<T> | undefined;
  return () => {
    if (index !== undefined) return index;
    index = new TopicIndex();
    for (const thing of things()) index.add(thing);
    return index;
  };
}

/** The places of some resources by identity, indexed when they are first asked for. */
function placesOnce(
  resources: () => readonly (readonly [key: string, resource: Placed | undefined])[],
): () => PlaceIndex {
  let index: PlaceIndex | undefined;
  return () => {
    if (index !== undefined) return index;
    index = new PlaceIndex();
    for (const [key, resource] of resources()) if (resource) index.add(key, resource);
    return index;
  };
}

/** The claims of the site, kept by identity so that a change costs what it touches. */
export class ClaimIndex implements JudgedClaims {
  private readonly operator = new Map<string, StartupResource>();
  private readonly producers = new Map<string, LivePart[]>();
  private readonly readers = new Map<string, Set<LivePart>>();
  private readonly verdicts = new Map<LivePart, Verdict>();
  private readonly startupTopics = new TopicIndex<StartupResource>();
  private readonly partTopics = new TopicIndex<LivePart>();
  private readonly declaredPlaces = new PlaceIndex();
  private readonly broughtPlaces = new PlaceIndex();

  startup(key: string): StartupResource | undefined {
    return this.operator.get(key);
  }

  claimants(key: string): readonly LivePart[] {
    return this.producers.get(key) ?? NONE;
  }

  startupAbout(topic: string): Iterable<StartupResource> {
    return this.startupTopics.about(topic);
  }

  partsAbout(topic: string): Iterable<LivePart> {
    return this.partTopics.about(topic);
  }

  keysAt(place: string): Iterable<string> {
    return new Set([...this.declaredPlaces.at(place), ...this.broughtPlaces.at(place)]);
  }

  declaredKeysAt(place: string): Iterable<string> {
    return this.declaredPlaces.at(place);
  }

  verdict(live: LivePart): Verdict | undefined {
    return this.verdicts.get(live);
  }

  dependents(key: string): Iterable<LivePart> {
    return this.readers.get(key) ?? NONE;
  }

  /** Makes the change, with the verdicts that `settle` found for it. */
  commit(change: Change, verdicts: ReadonlyMap<LivePart, Verdict>): void {
    for (const [key, resource] of change.startup ?? []) {
      const before = this.operator.get(key);
      if (before !== undefined) {
        this.startupTopics.delete(before);
        this.declaredPlaces.delete(key, before);
      }
      if (resource === undefined) this.operator.delete(key);
      else {
        this.operator.set(key, resource);
        this.startupTopics.add(resource);
        this.declaredPlaces.add(key, resource);
      }
    }
    for (const live of change.ending ?? []) {
      for (const [key, produced] of live.produces) {
        this.broughtPlaces.delete(key, produced);
        const rest = this.claimants(key).filter((claimant) => claimant !== live);
        if (rest.length === 0) this.producers.delete(key);
        else this.producers.set(key, rest);
      }
      this.partTopics.delete(live);
      this.judge(live, undefined);
    }
    for (const live of change.arriving ?? []) {
      append(this.producers, live);
      for (const [key, produced] of live.produces) this.broughtPlaces.add(key, produced);
      this.partTopics.add(live);
    }
    for (const [live, verdict] of verdicts) this.judge(live, verdict);
  }

  private judge(live: LivePart, verdict: Verdict | undefined): void {
    for (const key of this.verdicts.get(live)?.lookups ?? []) {
      if (verdict?.lookups.has(key)) continue;
      const readers = this.readers.get(key);
      readers?.delete(live);
      if (readers?.size === 0) this.readers.delete(key);
    }
    if (verdict === undefined) {
      this.verdicts.delete(live);
      return;
    }
    this.verdicts.set(live, verdict);
    for (const key of verdict.lookups) {
      const readers = this.readers.get(key);
      if (readers === undefined) this.readers.set(key, new Set([live]));
      else readers.add(live);
    }
  }
}

/** Adds a part, the newest of all, to those that produce its resources. */
export function append(producers: Map<string, LivePart[]>, live: LivePart): void {
  for (const key of live.produces.keys()) {
    const claimants = producers.get(key);
    if (claimants === undefined) producers.set(key, [live]);
    else claimants.push(live);
  }
}
