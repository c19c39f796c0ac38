import {
  type Cause,
  type ErrorBody,
  formatTime,
  isTimestamp,
  type Part,
  type PartRecord,
  type ProposedPart,
  type RunRecord,
  subscriptionOwner,
} from '@signalbox/contracts';
import type { Change, JudgedClaims, Verdict } from './claims.js';
import { endMs, type LivePart, livePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';
import { checkContent, type MergeRules, partDigest } from './part-content.js';
import { errorOf, type Problem } from './problem.js';
import { withProvenance } from './provenance.js';
import { settle } from './settle.js';

export type EndedRun = Extract<RunRecord, { type: 'ended' }>;

/** What a proposal is judged against. */
export interface ProposalContext {
  readonly claims: JudgedClaims;
  readonly parts: LiveParts;
  readonly rules: MergeRules;
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

/**
 * Accepted means mergeable (D17): the part is accepted only when it stands in the effective config that would result,
 * with what it replaces gone. Otherwise it is rejected with the reason and the last accepted part stays.
 */
export function decideProposal(
  ended: EndedRun,
  cause: Cause,
  nowMs: number,
  context: ProposalContext,
): ProposalDecision | undefined {
  if (ended.outcome !== 'proposed') return undefined;
  const at = formatTime(nowMs);
  const { order } = ended;
  const owner = subscriptionOwner(order.subscription);
  const reject = (error: ErrorBody): ProposalDecision => {
    const { runId, attempt, source } = order;
    return { record: { type: 'rejected', at, cause, runId, attempt, owner, source, error } };
  };

  const proposed = ended.part;
  const timeError = timeErrorOf(proposed, nowMs);
  if (proposed === undefined || timeError !== undefined) return reject(timeError ?? NO_PART);
  const { resources, problems } = checkContent(proposed, context.rules);
  if (isNotEmpty(problems)) return reject(errorOf(problems));

  const { runId, attempt, subscription, plugin, group, revision, source, facts } = order;
  const { observedAt, expiresAt, directives, actionPlans } = proposed;
  const produced = resources.map((resource) => withProvenance(resource, { owner, group, facts }));
  const part: Part = {
    source,
    generation: context.parts.lastGeneration(source) + 1,
    owner,
    runId,
    attempt,
    subscription,
    plugin,
    group,
    revision,
    facts,
    observedAt,
    expiresAt,
    resources: produced,
    directives,
    actionPlans,
    digest: partDigest({ resources: produced, directives }),
  };
  const arriving = livePart(part, context.order, context.rules, []);
  const replaced = context.parts.ofSource(source);
  const superseded = context.parts.supersededBy(arriving);
  const change: Change = {
    ending: replaced === undefined ? superseded : [replaced, ...superseded],
    arriving: [arriving],
  };
  const verdicts = settle(context.claims, change, context.rules);
  const verdict = verdicts.get(arriving);
  if (verdict !== undefined && isNotEmpty(verdict.problems)) return reject(errorOf(verdict.problems));
  const supersedes = superseded.map((live) => ({
    source: live.part.source,
    generation: live.part.generation,
  }));
  return {
    record: { type: 'accepted', at, cause, part, supersedes },
    arrival: { live: arriving, change, verdicts },
  };
}

const NO_PART: ErrorBody = { code: 'part-invalid', message: 'the run proposed no part' };

function timeErrorOf(proposed: ProposedPart | undefined, nowMs: number): ErrorBody | undefined {
  if (proposed === undefined) return undefined;
  const { expiresAt } = proposed;
  if (!isTimestamp(expiresAt)) {
    const message = `expiresAt ${expiresAt} is not an RFC 3339 time`;
    return { code: 'part-invalid', message, errors: [{ pointer: '/expiresAt', message }] };
  }
  if (endMs(expiresAt) > nowMs) return undefined;
  return { code: 'part-expired', message: `the part ended at ${expiresAt}, before it was proposed` };
}

function isNotEmpty(problems: readonly Problem[]): problems is readonly [Problem, ...Problem[]] {
  return problems.length > 0;
}
