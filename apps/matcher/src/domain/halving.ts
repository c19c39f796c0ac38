import {
  type ErrorBody,
  isCausedByFacts,
  partSourceOf,
  type RunFact,
  type RunOrder,
  type RunRecord,
} from '@signalbox/contracts';
import { leavesThePast, type Rule } from './rule.js';
import { runIdOfPiece } from './run-identity.js';
import { plannedRecord, type SkipCode, skippedRecord } from './run-order.js';

/** What is still to be done for a batch when a run of it has ended: ADR 0033. */
export interface Continuation {
  /** The order of the attempt that ended. */
  readonly order: RunOrder;
  /** The pieces whose turn it is, in their order; none is empty. */
  readonly pieces: readonly (readonly RunFact[])[];
}

/** The two halves of a batch; the first has one more when the number is odd. */
function halvesOf(facts: readonly RunFact[]): readonly (readonly RunFact[])[] {
  const middle = Math.ceil(facts.length / 2);
  return [facts.slice(0, middle), facts.slice(middle)];
}

/**
 * Whether the facts of a run that failed for good are run again in halves. What is left of a part was good before: when it fails as a
 * whole, the part it was to replace stays.
 */
export function isHalved({ facts, remakes }: RunOrder, { code }: ErrorBody): boolean {
  return facts.length > 1 && !remakes && isCausedByFacts(code);
}

/**
 * What follows when a run ends for good: its halves, if it has several facts and they can be the cause, and the pieces that come
 * after it. `error`: absent when its part was accepted. Undefined when nothing follows.
 */
export function continuationOf(order: RunOrder, error: ErrorBody | undefined): Continuation | undefined {
  const pieces = [
    ...(error && isHalved(order, error) ? halvesOf(order.facts) : []),
    ...(order.halving?.rest ?? []),
  ];
  return pieces.length === 0 ? undefined : { order, pieces };
}

/** Names the attempt at whose end something was planned. */
export function attemptName({ runId, attempt }: Pick<RunOrder, 'runId' | 'attempt'>): string {
  return `${runId}.${attempt}`;
}

/**
 * The records that go on with a batch: a run of the first piece, which carries the others, and what is left out. `rule`: in force
 * now; `isOvertaken`: whether a later fact of the same lineage waits or came. At least one record, so that a start sees that
 * the end of the order was followed.
 */
export function continuedRecords(
  { order, pieces }: Continuation,
  rule: Rule | undefined,
  isOvertaken: (fact: RunFact) => boolean,
  nowMs: number,
): RunRecord[] {
  const all = pieces.flat();
  if (!rule) {
    const reason = `subscription ${order.subscription} was deleted before the run could start`;
    return [skipped(order, all, 'subscription-gone', reason, nowMs)];
  }
  if (rule.revision !== order.revision && !leavesThePast(rule, order.group)) {
    const reason = `EventSubscription/${order.subscription} changed to revision ${rule.revision}, which decides on its own`;
    return [skipped(order, all, 'rule-changed', reason, nowMs)];
  }
  const left = all.filter(isOvertaken);
  const [first, ...rest] = pieces
    .map((piece) => piece.filter((fact) => !left.includes(fact)))
    .filter((piece) => piece.length > 0);
  return [
    ...(first ? [plannedRecord(pieceOf(order, first, rest), nowMs)] : []),
    ...(left.length > 0
      ? [skipped(order, left, 'superseded', 'a later fact of the same lineage came', nowMs)]
      : []),
  ];
}

function pieceOf(order: RunOrder, facts: readonly RunFact[], rest: Continuation['pieces']): RunOrder {
  const after = attemptName(order);
  return {
    ...order,
    runId: runIdOfPiece(after, facts),
    attempt: 1,
    source: partSourceOf(order.subscription, facts),
    facts,
    halving: { of: order.halving?.of ?? order.runId, after, rest },
  };
}

function skipped(
  order: RunOrder,
  facts: readonly RunFact[],
  code: SkipCode,
  reason: string,
  nowMs: number,
): RunRecord {
  return skippedRecord(pieceOf(order, facts, []), code, reason, nowMs);
}
