import {
  kindKey,
  lookupFor,
  ownerKey,
  pluginOwner,
  refKey,
  refText,
  type Resource,
  schemaErrors,
} from '@signalbox/contracts';
import {
  type Change,
  type Claims,
  claimed,
  claimsAfter,
  heldKeys,
  holderOf,
  ownerIn,
  type JudgedClaims,
  type Resolution,
  resolve,
  successionIn,
  touchedKeys,
  type Verdict,
} from './claims.js';
import { compareText } from './keyed-resource.js';
import type { LivePart } from './live-part.js';
import { hiddenBy, maskProblems } from './masks.js';
import type { MergeRules } from './part-content.js';
import { grantProblems } from './plugin-grants.js';
import { pluginKey } from './plugin-key.js';
import type { Problem } from './problem.js';
import { hasSetRule, setProblems } from './set-problems.js';
import { type Mentions, TOPIC } from './topics.js';

/** Whether a part merges into the config that exactly the parts of `stands` make, itself taken as active. */
export function judge(
  live: LivePart,
  claims: Claims,
  stands: (live: LivePart) => boolean,
  rules: MergeRules,
): Verdict {
  const lookups = new Set<string>();
  if (live.contentProblems.length > 0) return { problems: live.contentProblems, lookups };
  const conflicts = conflictsOf(live, claims);
  if (conflicts.length > 0) return { problems: conflicts, lookups };
  const hidden = new Map<string, LivePart>();
  const find = (key: string): Resource | undefined => {
    lookups.add(key);
    const startup = claims.startup(key);
    const masker = startup && hiddenBy(live, startup, claims);
    if (masker !== undefined) {
      hidden.set(key, masker);
      return undefined;
    }
    return resolve(claims, key, (holder) => holder === live || stands(holder))?.keyed.resource;
  };
  const plugin = pluginOf(live, claims, lookups);
  const problems = [
    ...grantProblems(live, plugin),
    ...maskProblems(live, claims),
    ...schemaProblems(live, claims, lookups),
  ];
  const wrong = new Set<string>();
  for (const { key, ref, resource, index } of live.produces.values()) {
    for (const error of rules.checkReferences(resource, lookupFor(resource, find))) {
      const masker = error.missing && hidden.get(refKey(error.missing));
      wrong.add(key);
      const message = masker ? `refers to what ${masker.part.source} masks` : error.message;
      problems.push({
        code: 'part-invalid',
        pointer: `/resources/${index}${error.pointer}`,
        message: `${refText(ref)}: ${error.pointer} ${message}`,
      });
    }
  }
  problems.push(...setProblems(live, claims, rules.setRules, wrong, lookups));
  return { problems, lookups };
}

/** The Plugin that made a part, as it is declared: what a part brings or masks has no say in it. */
function pluginOf({ part }: LivePart, claims: Claims, lookups: Set<string>): Resource | undefined {
  if (part.plugin === undefined) return undefined;
  const key = pluginKey(part.plugin);
  lookups.add(key);
  const declared = claims.startup(key);
  if (declared) return declared.resource;
  const heir = ownerKey(successionIn(claims).heirOf(pluginOwner(part.plugin)))!;
  lookups.add(heir);
  return claims.startup(heir)?.resource;
}

/** What a part brings and the declared schema of its kind refuses. D10. */
function schemaProblems(live: LivePart, claims: Claims, lookups: Set<string>): Problem[] {
  return [...live.produces.values()].flatMap(({ ref, resource, index }) => {
    const topic = TOPIC.schema(kindKey(ref));
    lookups.add(topic);
    const schemas = [...claims.startupAbout(topic)].sort((a, b) => compareText(a.key, b.key));
    return schemas.flatMap((schema) =>
      schemaErrors(schema.resource, resource).map(({ pointer, message }) => ({
        code: 'part-invalid' as const,
        pointer: `/resources/${index}${pointer}`,
        message: `${refText(ref)}: ${pointer} ${message}`,
      })),
    );
  });
}

function conflictsOf(live: LivePart, claims: Claims): readonly Problem[] {
  const startup: Problem[] = [];
  const parts: Problem[] = [];
  for (const { key, ref, index } of live.produces.values()) {
    const pointer = `/resources/${index}`;
    const name = `${ref.apiVersion} ${refText(ref)}`;
    const first = claims.claimants(key)[0];
    const owner = first && ownerIn(claims, first);
    if (claims.startup(key) !== undefined) {
      startup.push({ code: 'startup-conflict', pointer, message: `${name} is declared by an operator` });
    } else if (owner !== undefined && owner !== ownerIn(claims, live)) {
      parts.push({ code: 'part-conflict', pointer, message: `${name} is already held by ${owner}` });
    }
  }
  return [...startup, ...parts];
}

/**
 * Verdicts that a change brings about, for every part whose verdict may have changed; nothing is mutated.
 *
 * A part merges when its references resolve among the operator resources and the other parts that merge. That has one
 * largest answer, because parts only support each other here (see MergeRules and `holderOf`; masks take away, but whether or
 * not their parts merge): start from everything that may merge and take away what does not, until nothing changes. Only
 * parts that the change reaches are looked at.
 */
export function settle(
  before: JudgedClaims,
  change: Change,
  rules: MergeRules,
): ReadonlyMap<LivePart, Verdict> {
  const settling = new Settling(claimsAfter(before, change), rules);
  settling.consider([...(change.arriving ?? []), ...(change.handedOver ?? [])]);
  const after = settling.claims;
  for (const key of touchedKeys(change)) {
    if (entitled(before, key) !== entitled(after, key)) settling.consider(after.claimants(key));
    const holder = holderOf(after, key);
    // A part sees its own resource where it holds it, so a new holder may merge now even if nobody else sees a change.
    if (holder !== undefined && holder !== holderOf(before, key)) settling.consider([holder]);
    const was = resolve(before, key, (live) => merges(before.verdict(live)))?.keyed.digest;
    const is = resolve(after, key, (live) => settling.stands(live))?.keyed.digest;
    if (was !== is) settling.consider(after.dependents(key));
    const claim = { was: claimed(before, key), is: claimed(after, key) };
    for (const topic of claimTopics(key, claim)) {
      const dependents = [...after.dependents(topic)];
      // what only became younger counts against fewer parts than before
      settling.consider(
        isRenewed(claim) ? dependents.filter((live) => !merges(before.verdict(live))) : dependents,
      );
    }
    const loser = holderOf(before, key);
    if (loser !== holder && loser && after.claimants(key).includes(loser) && isAsked(loser, key, rules))
      settling.consider([loser]);
  }
  for (const key of mentionedKeys(before, change)) settling.consider(after.partsAbout(TOPIC.mask(key)));
  for (const key of overriddenKeys(before, change)) settling.consider(after.dependents(key));
  for (const topic of describedTopics(before, change)) settling.consider(after.dependents(topic));
  return settling.run();
}

/** What an identity would be before and after a change, see {@link claimed}. */
interface ClaimChange {
  readonly was: Resolution | undefined;
  readonly is: Resolution | undefined;
}

/** What set rules may have asked for and a change answers otherwise: see `setProblems`, which asks whoever is live. */
function* claimTopics(key: string, { was, is }: ClaimChange): Iterable<string> {
  const isSame = was?.keyed.digest === is?.keyed.digest;
  if (isSame && was?.holder === is?.holder) return;
  if (!isSame) yield key;
  if (was?.holder !== is?.holder) yield TOPIC.holder(key);
  for (const place of new Set([was, is].flatMap((one) => [...(one?.keyed.places ?? [])]))) {
    yield TOPIC.place(place);
    if (was?.revision !== undefined || is?.revision !== undefined) yield TOPIC.declaredPlace(place);
  }
}

/** Whether a younger part brings the same. */
function isRenewed({ was, is }: ClaimChange): boolean {
  if (was?.holder === undefined || is?.holder === undefined) return false;
  return was.keyed.digest === is.keyed.digest && was.holder.order < is.holder.order;
}

/** Whether set rules are asked of what a part brings there, as long as it holds that. */
function isAsked({ produces }: LivePart, key: string, { setRules }: MergeRules): boolean {
  const produced = produces.get(key);
  return produced !== undefined && hasSetRule(produced.resource, setRules);
}

/** Topics of the kinds whose schema a change puts, takes away or exchanges. */
function describedTopics(before: Claims, { startup }: Change): ReadonlySet<string> {
  const resources = [...(startup ?? [])].flatMap(([key, resource]) => [before.startup(key), resource]);
  return new Set(resources.flatMap((resource) => resource?.describes ?? []));
}

/** Identities whose masks a change may allow or deny: what is declared there, who refers to it, which policies name it. */
function mentionedKeys(before: Claims, change: Change): ReadonlySet<string> {
  const keys = touchedKeys(change);
  for (const { references, overrides } of mentionsIn(before, change))
    for (const key of [...references, ...overrides]) keys.add(key);
  return keys;
}

/** Identities that a change may hide from parts or show to them again. */
function overriddenKeys(before: Claims, change: Change): ReadonlySet<string> {
  const keys = new Set(change.startup?.keys());
  for (const { overrides } of mentionsIn(before, change)) for (const key of overrides) keys.add(key);
  return keys;
}

/** What is said before a change and after it by what it changes. */
function mentionsIn(
  before: Claims,
  { startup, ending = [], arriving = [], handedOver = [] }: Change,
): readonly Mentions[] {
  const declared = [...(startup ?? [])].flatMap(([key, resource]) => [before.startup(key), resource]);
  return [...declared.filter((one) => one !== undefined), ...ending, ...arriving, ...handedOver];
}

/** Who may say what an identity is: the operator, or one owner. A claimant's conflicts depend on nothing else. */
function entitled(claims: Claims, key: string): string | undefined {
  if (claims.startup(key) !== undefined) return '';
  const first = claims.claimants(key)[0];
  return first && ownerIn(claims, first);
}

function merges(verdict: Verdict | undefined): boolean {
  return verdict?.problems.length === 0;
}

class Settling {
  private readonly verdicts = new Map<LivePart, Verdict>();
  private readonly readers = new Map<string, Set<LivePart>>();
  /** Parts that did not merge before and are taken as merging until shown otherwise. */
  private readonly raised = new Set<LivePart>();
  private readonly lowered = new Set<LivePart>();
  /** Quarantined before and after, but perhaps for another reason. */
  private readonly retold = new Set<LivePart>();
  private readonly queue = new Set<LivePart>();

  constructor(
    readonly claims: JudgedClaims,
    private readonly rules: MergeRules,
  ) {}

  stands(live: LivePart): boolean {
    if (this.lowered.has(live)) return false;
    return this.raised.has(live) || merges(this.claims.verdict(live));
  }

  /** Puts parts up for judgement; what did not merge gets its chance, and with it what waits for it. */
  consider(parts: Iterable<LivePart>): void {
    const pending = [...parts];
    for (let live = pending.pop(); live !== undefined; live = pending.pop()) {
      this.queue.add(live);
      if (this.stands(live)) continue;
      this.raised.add(live);
      if (this.claims.verdict(live) === undefined) continue;
      for (const key of heldKeys(this.claims, live)) {
        for (const reader of this.claims.dependents(key)) pending.push(reader);
      }
    }
  }

  run(): ReadonlyMap<LivePart, Verdict> {
    for (const live of this.queue) {
      this.queue.delete(live);
      if (this.lowered.has(live)) continue;
      const verdict = this.judge(live);
      if (!merges(verdict)) this.lower(live);
    }
    for (const live of [...this.lowered, ...this.retold]) {
      const last = this.verdicts.get(live) ?? this.claims.verdict(live);
      const verdict = this.judge(live);
      if (merges(verdict) && last !== undefined) {
        this.verdicts.set(live, { problems: last.problems, lookups: verdict.lookups });
      }
    }
    return this.verdicts;
  }

  private judge(live: LivePart): Verdict {
    const verdict = judge(live, this.claims, (other) => this.stands(other), this.rules);
    this.verdicts.set(live, verdict);
    for (const key of verdict.lookups) {
      const readers = this.readers.get(key);
      if (readers === undefined) this.readers.set(key, new Set([live]));
      else readers.add(live);
    }
    return verdict;
  }

  private lower(live: LivePart): void {
    this.lowered.add(live);
    for (const key of heldKeys(this.claims, live)) {
      for (const reader of [...this.claims.dependents(key), ...(this.readers.get(key) ?? [])]) {
        if (this.stands(reader)) this.queue.add(reader);
        else if (!this.lowered.has(reader)) this.retold.add(reader);
      }
    }
  }
}
