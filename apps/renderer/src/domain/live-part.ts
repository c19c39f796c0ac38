import {
  lineageOf,
  maskTargetRef,
  type Part,
  refKey,
  type ResourceRef,
  timestampNs,
} from '@signalbox/contracts';
import { type ClaimedResource, keyed } from './keyed-resource.js';
import { contentProblems, type MergeRules } from './part-content.js';
import type { Problem } from './problem.js';
import { type Mentions, partMentions, placesOf, type Topical } from './topics.js';

/** One resource of a part, with its place in the part for JSON Pointers. */
export interface ProducedResource extends ClaimedResource {
  readonly index: number;
}

/** One mask of a part, with its place in the part for JSON Pointers. */
export interface Mask {
  readonly ref: ResourceRef;
  readonly index: number;
  readonly reason?: string;
}

/** An accepted part that has not ended, active or quarantined, with what the merge asks of it worked out once. */
export interface LivePart extends Mentions, Topical {
  readonly part: Part;
  /** Acceptance order: the newest part has the highest. */
  readonly order: number;
  readonly produces: ReadonlyMap<string, ProducedResource>;
  /** By the key of what is masked. */
  readonly masks: ReadonlyMap<string, Mask>;
  readonly lineages: ReadonlySet<string>;
  /** Absent: it is held. Milliseconds since 1970. */
  readonly expiresMs?: number;
  /** What is wrong with the part whatever surrounds it. */
  readonly contentProblems: readonly Problem[];
}

const NONE: ReadonlySet<string> = new Set();

/** The part with its acceptance order. Pass `problems` when its content has been checked already. */
export function livePart(
  part: Part,
  order: number,
  rules: MergeRules,
  problems = contentProblems(part, rules),
): LivePart {
  // what is wrong in itself never stands: it neither masks nor refers to anything, and takes no place
  const isSound = problems.length === 0;
  const produces = new Map<string, ProducedResource>();
  for (const [index, resource] of part.resources.entries()) {
    const produced = { ...keyed(resource), index, places: isSound ? placesOf(resource, rules) : NONE };
    if (!produces.has(produced.key)) produces.set(produced.key, produced);
  }
  const masks = isSound ? masksOf(part) : new Map<string, Mask>();
  return {
    part,
    order,
    produces,
    masks,
    ...partMentions(isSound ? part.resources : [], new Set(masks.keys()), rules),
    lineages: new Set(part.facts.map(({ origin, factKey }) => lineageOf(origin, factKey))),
    ...(part.expiresAt !== undefined && { expiresMs: endMs(part.expiresAt) }),
    contentProblems: problems,
  };
}

function masksOf({ directives }: Part): ReadonlyMap<string, Mask> {
  const masks = new Map<string, Mask>();
  for (const [index, { target, reason }] of directives.entries()) {
    const ref = maskTargetRef(target);
    const key = refKey(ref);
    if (!masks.has(key)) masks.set(key, { ref, index, ...(reason !== undefined && { reason }) });
  }
  return masks;
}

/** The first whole millisecond at or after an RFC 3339 time: a part never ends before its time. */
export function endMs(expiresAt: string): number {
  const ns = timestampNs(expiresAt);
  if (ns === undefined) throw new RangeError(`not an RFC 3339 time: ${expiresAt}`);
  return Number((ns + 999_999n) / 1_000_000n);
}
