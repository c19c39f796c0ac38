import {
  BACKEND_SOURCE,
  type ConfigPlan,
  type EffectiveResource,
  isOfKind,
  type PlannedVersion,
  type QuarantinedPart,
  withoutProvenance,
} from '@signalbox/contracts';
import {
  type Change,
  type Claims,
  claimsAfter,
  type JudgedClaims,
  maskedKeys,
  resolveUnmasked,
  touchedKeys,
} from './claims.js';
import { effectiveResource, type EffectiveView } from './effective-view.js';
import { bringsParts, endsOfOwners, endsOfSource } from './ends-of-owners.js';
import { handedOver } from './handed-over.js';
import { compareText, keyed } from './keyed-resource.js';
import type { LivePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';
import { maskersOf, suppressed } from './masks.js';
import type { MergeRules } from './part-content.js';
import { reasonOf } from './problem.js';
import type { Quarantine } from './quarantine.js';
import { settle } from './settle.js';

/** The config that a change is planned against. Nothing is owed: what was decided is applied. */
export interface Standing {
  readonly claims: JudgedClaims;
  readonly parts: LiveParts;
  readonly quarantine: Pick<Quarantine, 'isActive' | 'reasonOf'>;
  readonly effective: Pick<EffectiveView, 'find'>;
  /** Keys of what active parts mask. */
  readonly suppressed: ReadonlySet<string>;
}

type Outcome = Omit<ConfigPlan, 'generation' | 'revision' | 'withdrawn' | 'undecided'>;

/**
 * What a change of operator resources leads to, with the parts that are withdrawn because of it; nothing is mutated. As the merge has
 * one answer for what is declared and live, it does not matter in which order that will happen. Costs what the change reaches.
 */
export function planChanges(
  startup: NonNullable<Change['startup']>,
  standing: Standing,
  rules: MergeRules,
): Omit<ConfigPlan, 'generation' | 'revision'> {
  const { claims, parts } = standing;
  const after = claimsAfter(claims, { startup });
  const ends = endsOfOwners(startup, claims, after, parts);
  const handed = handedOver(startup, claims, after, parts);
  for (;;) {
    const left = handed.filter((live) => !ends.has(live));
    const outcome = outcomeOf({ startup, ending: [...ends.keys()], handedOver: left }, standing, rules);
    const before = ends.size;
    for (const version of outcome.versions)
      if (version.after === undefined && isOfKind(version, BACKEND_SOURCE))
        for (const [live, reason] of endsOfSource(version, parts)) ends.set(live, reason);
    if (ends.size > before) continue;
    const withdrawn = Array.from(ends, ([live, reason]) => heldPart(live, reason)).sort(bySource);
    const put = [...startup.values()].flatMap((one) => (one && bringsParts(one.ref) ? one : []));
    const undecided = put.sort((a, b) => compareText(a.key, b.key)).map(({ ref }) => ref);
    return { ...outcome, withdrawn, undecided };
  }
}

function outcomeOf(change: Change, standing: Standing, rules: MergeRules): Outcome {
  const { claims, quarantine, effective } = standing;
  const after = claimsAfter(claims, change);
  const verdicts = settle(claims, change, rules);
  const stands = (live: LivePart): boolean => {
    const verdict = verdicts.get(live);
    return verdict === undefined ? quarantine.isActive(live) : verdict.problems.length === 0;
  };
  const turned = [...verdicts.keys()].filter((live) => stands(live) !== quarantine.isActive(live));
  const keys = new Set([...touchedKeys(change), ...maskedKeys(change)]);
  for (const { produces, masks } of turned)
    for (const key of [...produces.keys(), ...masks.keys()]) keys.add(key);
  const sorted = [...keys].sort(compareText);
  const masked = (key: string): LivePart[] => maskersOf(after, key, stands);
  return {
    versions: sorted.flatMap((key) => {
      const resolved = resolveUnmasked(after, key, stands);
      return versionOf(effective.find(key), resolved && effectiveResource(resolved)) ?? [];
    }),
    quarantined: turned
      .filter((live) => !stands(live))
      .map((live) => heldPart(live, reasonOf(verdicts.get(live)!.problems)))
      .sort(bySource),
    restored: turned
      .filter(stands)
      .map((live) => heldPart(live, quarantine.reasonOf(live) ?? ''))
      .sort(bySource),
    ...suppressionOf(sorted, standing.suppressed, after, masked),
  };
}

/** Undefined when it is the same before and after. */
function versionOf(
  before: EffectiveResource | undefined,
  after: EffectiveResource | undefined,
): PlannedVersion | undefined {
  const newest = after ?? before;
  if (newest === undefined) return undefined;
  const [was, is] = [before, after].map((one) => one && keyed(one.resource));
  if (was?.digest === is?.digest) return undefined;
  return {
    ...keyed(newest.resource).ref,
    ...(before && { before: withoutProvenance(before.resource) }),
    ...(after && { after: withoutProvenance(after.resource) }),
    ...(newest.part && { part: newest.part }),
  };
}

/** Operator resources that masks begin or cease to hide. */
function suppressionOf(
  keys: readonly string[],
  before: ReadonlySet<string>,
  after: Claims,
  maskers: (key: string) => readonly LivePart[],
): Pick<ConfigPlan, 'masked' | 'shown'> {
  const declared = keys.flatMap((key) => after.startup(key) ?? []);
  return {
    masked: declared.flatMap((one) => {
      const by = before.has(one.key) ? [] : maskers(one.key);
      return by.length > 0 ? suppressed(one, by) : [];
    }),
    shown: declared.filter(({ key }) => before.has(key) && maskers(key).length === 0).map(({ ref }) => ref),
  };
}

function heldPart({ part: { source, generation } }: LivePart, reason: string): QuarantinedPart {
  return { source, generation, reason };
}

function bySource(a: QuarantinedPart, b: QuarantinedPart): number {
  return compareText(a.source, b.source);
}
