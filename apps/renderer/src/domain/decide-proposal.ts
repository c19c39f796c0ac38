import {
  type Cause,
  type DiscoveredPart,
  type ErrorBody,
  formatTime,
  isTimestamp,
  ownerOfOrder,
  type Part,
  type PartRecord,
  type PartRef,
  partSourceOf,
  type ProposedPart,
  PROVENANCE,
  type QuotaBook,
  quotaError,
  refKey,
  type Resource,
  type ResourceChange,
  type ResourceRef,
  type RunFact,
  type RunRecord,
  withProvenance,
} from '@signalbox/contracts';
import { type Change, type JudgedClaims, successionIn, type Verdict } from './claims.js';
import { endMs, type LivePart, livePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';
import { checkContent, type MergeRules, partDigest } from './part-content.js';
import { errorOf, type Problem } from './problem.js';
import { quotaChanges } from './quota-changes.js';
import { settle } from './settle.js';

export type EndedRun = Extract<RunRecord, { type: 'ended' }>;

/** What a proposal is judged against. */
export interface ProposalContext {
  readonly claims: JudgedClaims;
  readonly parts: LiveParts;
  readonly rules: MergeRules;
  readonly quotas: QuotaBook;
  /** Acceptance order that the part would get. */
  readonly order: number;
}

/** What was found out about an accepted part before it is in the model, so that it need not be found out again. */
export interface Arrival {
  readonly live: LivePart;
  readonly change: Change;
  readonly verdicts: ReadonlyMap<LivePart, Verdict>;
}

/** The record of a proposal; with the arrival of its part when that is accepted. */
export interface ProposalDecision {
  readonly record: PartRecord;
  readonly arrival?: Arrival;
}

/** Who made a part, and from what: everything of it but its content. */
type MadePart = Pick<Part, 'source' | 'owner' | 'runId' | 'attempt' | 'facts'> &
  Partial<Pick<Part, 'subscription' | 'plugin' | 'group' | 'revision'>>;

/** A part that is to be decided on. */
export interface Proposal {
  readonly made: MadePart;
  /** Absent: nothing was proposed, which is an error. `expiresAt` absent: it is held. */
  readonly content?: Omit<ProposedPart, 'expiresAt'> & Pick<Part, 'expiresAt'>;
  /** For each resource the place of its fact among `made.facts`, -1 for none; absent: each comes from all of them. */
  readonly factOf?: readonly number[];
  /** The part of which it has what is left: it takes the place of that one, and ends when that one would have ended. */
  readonly remakes?: PartRef;
}

/** What the end of a run proposes; undefined when it does not propose. */
export function proposalOfRun({ outcome, order, part, outcomes = [] }: EndedRun): Proposal | undefined {
  if (outcome !== 'proposed') return undefined;
  const { runId, attempt, plugin, revision, remakes, subscription, group } = order;
  const failed = new Set(outcomes.flatMap(({ eventId, outcome: of }) => (of === 'failed' ? [eventId] : [])));
  // the lineage of a fact that failed stays with the part it has
  const facts = order.facts.filter(({ id }) => !failed.has(id));
  const ofFacts = subscription === undefined ? {} : { subscription, group };
  const source =
    failed.size === 0 || subscription === undefined ? order.source : partSourceOf(subscription, facts);
  return {
    made: { runId, attempt, plugin, revision, source, facts, owner: ownerOfOrder(order), ...ofFacts },
    ...(part && { content: part }),
    ...(remakes && { remakes }),
  };
}

/** What a BackendSource proposes: it has one part, which is called as it is. */
export function proposalOfSource({
  runId,
  owner,
  observedAt,
  resources,
  facts,
  factOf,
  group,
}: DiscoveredPart): Proposal {
  return {
    made: { runId, attempt: 1, source: owner, owner, facts, ...(group !== undefined && { group }) },
    content: { observedAt, resources, directives: [], actionPlans: [] },
    factOf,
  };
}

/**
 * Accepted means mergeable (D17): the part is accepted only when it stands in the effective config that would result,
 * with what it replaces gone, and brings no more than quotas allow. Otherwise it is rejected with the reason and the last
 * accepted part stays. Quotas are asked here only: what was accepted is never taken away for one that came later.
 */
export function decideProposal(
  { made, content: proposed, factOf, remakes }: Proposal,
  cause: Cause,
  nowMs: number,
  context: ProposalContext,
): ProposalDecision {
  const at = formatTime(nowMs);
  const { source, owner, runId, attempt, facts, group } = made;
  const reject = (error: ErrorBody): ProposalDecision => ({
    record: { type: 'rejected', at, cause, runId, attempt, owner, source, error },
  });

  const remade = remakes && context.parts.find(remakes);
  const succession = successionIn(context.claims);
  const heir = succession.heirOf(owner);
  if (remakes && (!remade || succession.heirOf(remade.part.owner) !== heir)) return reject(GONE_BEFORE);
  const content = remade && proposed ? { ...proposed, ...earlierEnd(proposed, remade.part) } : proposed;
  const timeError = content && timeErrorOf(content.expiresAt, nowMs);
  if (content === undefined || timeError !== undefined) return reject(timeError ?? NO_PART);
  const { resources, problems } = checkContent(content, context.rules);
  if (isNotEmpty(problems)) return reject(errorOf(problems));

  const factsOf = (index: number): readonly RunFact[] => {
    if (!factOf) return namedFacts(content.resources[index], facts);
    const fact = facts[factOf[index] ?? -1];
    return fact ? [fact] : [];
  };
  const { observedAt, expiresAt, directives, actionPlans } = content;
  const produced = resources.map((resource, index) => {
    const from = factsOf(index);
    const isFromFacts = group !== undefined && (from.length > 0 || !factOf);
    return withProvenance(resource, { owner, facts: from, ...(isFromFacts && { group }) });
  });
  const part: Part = {
    ...made,
    generation: context.parts.lastGeneration(source) + 1,
    observedAt,
    ...(expiresAt !== undefined && { expiresAt }),
    resources: produced,
    directives,
    actionPlans,
    digest: partDigest({ resources: produced, directives }),
  };
  const arriving = livePart(part, context.order, context.rules, []);
  // a run that the new name began is newer, whichever ends first
  if (heir !== owner && context.parts.hasOwn(heir, arriving)) return reject(handedOver(owner, heir));
  const replaced = context.parts.ofSource(source);
  const superseding = context.parts.supersededBy(arriving, succession.namesOf(heir));
  const superseded = [...new Set([...superseding, ...(remade ? [remade] : [])])];
  const change: Change = {
    ending: replaced === undefined ? superseded : [replaced, ...superseded],
    arriving: [arriving],
  };
  const verdicts = settle(context.claims, change, context.rules);
  const verdict = verdicts.get(arriving);
  if (verdict !== undefined && isNotEmpty(verdict.problems)) return reject(errorOf(verdict.problems));
  const tooMany = quotaErrorOf(arriving, context.quotas, quotaChanges(context.claims, change));
  if (tooMany) return reject(tooMany);
  const supersedes = superseded.map((live) => ({
    source: live.part.source,
    generation: live.part.generation,
  }));
  return {
    record: { type: 'accepted', at, cause, part, supersedes },
    arrival: { live: arriving, change, verdicts },
  };
}

/** The facts of a run that a resource names as those it comes from; all of them when it names none or another one. */
function namedFacts(resource: Resource | undefined, facts: readonly RunFact[]): readonly RunFact[] {
  if (facts.length === 1) return facts;
  const named = new Set(resource?.metadata.annotations?.[PROVENANCE.factIds]?.split(','));
  const found = facts.filter(({ id }) => named.has(id));
  return found.length > 0 && found.length === named.size ? found : facts;
}

function handedOver(owner: string, heir: string): ErrorBody {
  return { code: 'superseded', message: `${owner} was renamed to ${heir}, which has a part of it already` };
}

const GONE_BEFORE: ErrorBody = {
  code: 'part-expired',
  message: 'the part that it was to take the place of has ended',
};

/** When the part of a run ends that is not for a new fact: as it says, or with the part whose place it takes. */
function earlierEnd(
  proposed: Pick<Part, 'expiresAt'>,
  before: Pick<Part, 'expiresAt'>,
): Pick<Part, 'expiresAt'> {
  const ends = [proposed.expiresAt, before.expiresAt].filter((time) => time !== undefined);
  const valid = ends.filter(isTimestamp).sort((a, b) => endMs(a) - endMs(b));
  return valid.length < ends.length ? {} : { expiresAt: valid[0] };
}

const NO_PART: ErrorBody = { code: 'part-invalid', message: 'the run proposed no part' };

function timeErrorOf(expiresAt: string | undefined, nowMs: number): ErrorBody | undefined {
  if (expiresAt === undefined) return undefined;
  if (!isTimestamp(expiresAt)) {
    const message = `expiresAt ${expiresAt} is not an RFC 3339 time`;
    return { code: 'part-invalid', message, errors: [{ pointer: '/expiresAt', message }] };
  }
  if (endMs(expiresAt) > nowMs) return undefined;
  return { code: 'part-expired', message: `the part ended at ${expiresAt}, before it was proposed` };
}

function quotaErrorOf(
  { produces }: LivePart,
  quotas: QuotaBook,
  changes: readonly ResourceChange[],
): ErrorBody | undefined {
  const placeOf = (ref: ResourceRef): string => `/resources/${produces.get(refKey(ref))?.index ?? 0}`;
  return quotaError(quotas.excesses(changes), placeOf)?.toBody();
}

function isNotEmpty(problems: readonly Problem[]): problems is readonly [Problem, ...Problem[]] {
  return problems.length > 0;
}
