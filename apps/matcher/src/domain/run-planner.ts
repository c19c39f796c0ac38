import {
  type EndedRecord,
  type ErrorBody,
  errorOfEnd,
  isExpired,
  lineageOf,
  madeWay,
  OPEN_STATES,
  orderOfPlanned,
  type PartRecord,
  retryAtMs,
  type RunFact,
  type RunOrder,
  type RunRecord,
  type RunState,
} from '@signalbox/contracts';
import { batchDueMs, nextBatch } from './gathering.js';
import { attemptName, type Continuation, continuationOf, continuedRecords, isHalved } from './halving.js';
import {
  factsInWork,
  isBeyond,
  LineageBook,
  type ActiveRun,
  type Lineage,
  type Overtaking,
  type SubscriptionQueue,
} from './lineage-book.js';
import { type PendingKey, PendingLedger } from './pending-ledger.js';
import type { FinalFailure, PlannerSnapshot } from './planner-snapshot.js';
import type { Rule } from './rule.js';
import { nextAttempt, orderOf, plannedRecord, skippedRecord, type MatchedFact } from './run-order.js';

export type { FinalFailure, PlannerSnapshot } from './planner-snapshot.js';

/** A lineage that a later fact ends. */
export interface OvertakenLineage extends Overtaking {
  /** `lineageOf` of its facts. */
  readonly lineage: string;
}

/** At most this many records come from one decision (one more when a run makes way); a full answer means: ask again. */
export const MAX_DECISIONS = 1000;

/**
 * Decides what runs when. Architecture section 5 "Order per lineage and concurrency".
 * Deciders only read: append what they return, in its order, then fold it with `applyRun` before asking again.
 * Every fold is idempotent by (runId, attempt).
 */
export class RunPlanner {
  /** What is pending, for the table. */
  readonly ledger: PendingLedger;
  private readonly book = new LineageBook();
  /** What is to be planned because a run of a batch ended, by {@link attemptName}, until a record says that it was. */
  private readonly continuations = new Map<string, Overtakable>();
  /** Orders of runs that had ended when the snapshot was taken; what decided them may be among the records behind it. */
  private readonly ended = new Map<string, RunOrder>();
  private clockMs = Infinity;

  constructor(snapshot: PlannerSnapshot) {
    for (const order of snapshot.ended ?? []) this.ended.set(order.runId, order);
    for (const { order, state, retryAtMs: dueMs = 0 } of snapshot.runs) this.occupy(order, state, dueMs);
    const done = snapshot.pending.filter(({ subscription, group, lineage, matched, revision, since }) => {
      const opened = this.book.open(subscription, group, lineage);
      if (!isBeyond(matched.fact.seq, revision, opened)) return true;
      this.book.setPending(opened, matched, revision, since);
      return false;
    });
    this.ledger = new PendingLedger(this.book, snapshot.pending);
    for (const key of done) this.ledger.touch(key);
  }

  setRule(rule: Rule): void {
    this.book.changeRule(rule.subscription, rule);
  }

  /** Nothing is planned for the subscription any more; see `decideLeftovers` for what it had pending. */
  removeRule(subscription: string): void {
    this.book.changeRule(subscription, undefined);
  }

  /**
   * A fact matched: it is due once the lineage is free. When it takes the place of an older unplanned fact, the
   * record that skips that one is returned. Older facts, and the same fact again at the same revision, change
   * nothing. A lineage that is not in memory counts as never planned: the caller leaves out planned facts.
   */
  matched(subscription: string, group: string, fact: MatchedFact, nowMs: number): RunRecord[] {
    const lineage = this.book.open(subscription, group, lineageOf(fact.fact.origin, fact.fact.factKey));
    const rule = this.book.rule(subscription);
    const revision = rule?.revision ?? 0;
    const older = lineage.pending;
    const { seq } = fact.fact;
    if (!isBeyond(seq, revision, lineage) || (older && older.fact.fact.seq > seq)) return [];
    this.book.setPending(lineage, fact, Math.max(revision, older?.revision ?? 0));
    delete lineage.overtaken;
    if (!rule || !older || older.fact.fact.seq === seq) return [];
    return [superseded(orderOf(rule, older.fact), fact.fact, nowMs)];
  }

  /** Lineages of a group that have a run in flight. */
  lineagesInFlight(group: string): string[] {
    const lineages = [...this.book.runs.values()].flatMap((run) => run.lineages);
    return lineages.filter((lineage) => lineage.group === group).map(({ lineage }) => lineage);
  }

  /** Subscriptions that have something of a lineage pending or in flight. */
  subscriptionsOf(group: string, lineage: string): string[] {
    return [...this.book.ofLineage(group, lineage)].map(({ queue }) => queue.subscription);
  }

  /** The newest facts of lineages of a subscription that retracts, with this origin and subject, that wait or are in work. */
  about(subscription: string, group: string, fact: Pick<RunFact, 'origin' | 'subject'>): RunFact[] {
    return this.book.about(subscription, group, fact);
  }

  /**
   * A later fact ends what a lineage leads to: an older one that is pending is skipped by the record that is returned,
   * and what a run in flight produces shall end when it is accepted ({@link applyPart}).
   */
  overtake({ subscription, group, lineage: name }: PendingKey, by: Overtaking, nowMs: number): RunRecord[] {
    const lineage = this.book.find(subscription, group, name);
    if (!lineage) return [];
    if (lineage.run && by.seq > lineage.plannedSeq) lineage.overtaken = by;
    const rule = this.book.rule(subscription);
    const { pending } = lineage;
    if (!rule || !pending || pending.fact.fact.seq >= by.seq) return [];
    return [skippedRecord(orderOf(rule, pending.fact), 'superseded', by.reason, nowMs)];
  }

  /** Whether a run may be planned for lineages that are no new matches: none of them waits or is in work, and a place is free. */
  hasRoomFor(rule: Rule, lineages: Iterable<string>): boolean {
    const { subscription, group, concurrency } = rule;
    if (!this.book.planningRule(subscription)) return false;
    for (const lineage of lineages) if (this.isBusy(subscription, group, lineage)) return false;
    return (this.book.queue(subscription)?.inFlight ?? 0) < concurrency;
  }

  /** The rule that is in force for a subscription. */
  rule(subscription: string): Rule | undefined {
    return this.book.rule(subscription);
  }

  /** Folds a run record, also one of our own that comes back by the stream. Runs that no subscription starts are not ours. */
  applyRun(record: RunRecord): FinalFailure | undefined {
    if (record.type === 'planned' && record.trigger === undefined) this.applyPlanned(orderOfPlanned(record));
    if (record.type === 'ended') return this.applyEnded(record);
    if (record.type === 'started') {
      const run = this.book.runs.get(record.runId);
      if (run?.order.attempt === record.attempt && run.state === 'queued')
        this.book.changeState(run, 'running');
    }
    return undefined;
  }

  /**
   * Folds a part record: accepted or rejected frees the lineages of its run. Returns those lineages of an accepted part that a
   * later fact overtook while its run was in work: they shall end.
   */
  applyPart(record: PartRecord): readonly OvertakenLineage[] {
    if (record.type !== 'accepted' && record.type !== 'rejected') return [];
    const { runId, attempt } = record.type === 'accepted' ? record.part : record;
    const error = record.type === 'accepted' ? undefined : record.error;
    const run = this.book.runs.get(runId);
    if (!run) {
      const order = this.ended.get(runId);
      if (order?.attempt === attempt && !this.book.isFinished(runId, attempt)) this.goOn(order, error);
      this.book.remember(runId, attempt);
    } else if (attempt >= run.order.attempt) {
      const overtaking = run.lineages
        .slice(0, run.order.facts.length)
        .flatMap(({ lineage, overtaken }) => (overtaken ? [{ lineage, ...overtaken }] : []));
      this.goOn(run.order, error);
      this.book.finish(run, record.type === 'accepted' ? 'succeeded' : 'failed');
      if (record.type === 'accepted') return overtaking;
    }
    return [];
  }

  /** The time is told before anything is decided by it: a clock that is set back delays no batch for longer than its window. */
  setClock(nowMs: number): void {
    if (nowMs < this.clockMs) this.book.setBack(nowMs);
    this.clockMs = nowMs;
  }

  /** Whether a run of a batch ended and what follows is not recorded yet. */
  get isGoingOn(): boolean {
    return this.continuations.size > 0;
  }

  /**
   * What is due: batches that go on first, since they have their place, then retries, then first attempts by subscription, first
   * come first, while places are free. Of each subscription that gathers facts one batch.
   */
  decidePlans(nowMs: number, limit = MAX_DECISIONS): RunRecord[] {
    const records: RunRecord[] = [...this.continuations.values()].flatMap((going) =>
      this.decideContinuation(going, nowMs),
    );
    // their runs have ended, so they count as in flight nowhere else
    const goingOn = records.flatMap((record) => (record.type === 'planned' ? [record.subscription] : []));
    for (const run of this.book.retries.ascending()) {
      if (run.retryAtMs > nowMs || records.length >= limit) break;
      records.push(...this.decideRetry(run, nowMs));
    }
    const queues = [...this.book.plannable].sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
    for (const queue of queues) {
      const rule = this.book.planningRule(queue.subscription);
      const taken =
        queue.inFlight + goingOn.filter((subscription) => subscription === queue.subscription).length;
      let places = (rule?.concurrency ?? 0) - taken;
      if (rule?.batch) {
        if (places > 0) records.push(...decideBatch(rule, queue, nowMs));
        continue;
      }
      for (const lineage of queue.ready.ascending()) {
        if (!rule || places <= 0 || records.length >= limit) break;
        const first = decideFirst(rule, lineage, nowMs);
        records.push(...first);
        if (first.some((record) => record.type === 'planned')) places -= 1;
      }
    }
    return records;
  }

  /** What a deleted subscription leaves behind: unplanned facts and runs that wait for a retry are skipped. */
  decideLeftovers(rule: Rule, nowMs: number): RunRecord[] {
    const queue = this.book.queue(rule.subscription);
    if (!queue || this.book.rule(rule.subscription)) return [];
    const waiting = [...queue.retrying].map((run) => nextAttempt(run.order));
    const unplanned = [...queue.lineages.values()].flatMap(({ pending }) =>
      pending ? [orderOf(rule, pending.fact)] : [],
    );
    const reason = `subscription ${rule.subscription} was deleted before the run could start`;
    return [...waiting, ...unplanned].map((order) =>
      skippedRecord(order, 'subscription-gone', reason, nowMs),
    );
  }

  /**
   * A changed rule was evaluated again: unplanned facts that an earlier revision matched, and this one did not match again,
   * are skipped, and so are all of a group that the rule has left. What has expired is left for its own reason.
   */
  decideOutdated(rule: Rule, nowMs: number): RunRecord[] {
    const queue = this.book.queue(rule.subscription);
    if (!queue) return [];
    const outdated = [...queue.lineages.values()].flatMap(({ group, pending }) =>
      pending && pending.revision < rule.revision && !isExpired(pending.fact, nowMs)
        ? [orderOf({ ...rule, group }, pending.fact)]
        : [],
    );
    const reason = `no longer matches EventSubscription/${rule.subscription} at revision ${rule.revision}`;
    return outdated.map((order) => skippedRecord(order, 'rule-changed', reason, nowMs));
  }

  /**
   * Facts of a group up to a sequence are no longer kept: what waits for its run, or for its next attempt, is skipped. What a
   * plugin has begun goes on.
   */
  decideRetired(group: string, upTo: number, nowMs: number): RunRecord[] {
    const reason = `the fact waited until it was no longer kept: see retention of EventGroup/${group}`;
    const isGone = ({ seq }: RunFact): boolean => seq <= upTo;
    return [...this.book.allQueues()].flatMap((queue) => {
      const rule = this.book.rule(queue.subscription);
      const pending = [...queue.lineages.values()].flatMap((lineage) =>
        rule && lineage.group === group && lineage.pending && isGone(lineage.pending.fact.fact)
          ? [orderOf({ ...rule, group }, lineage.pending.fact)]
          : [],
      );
      const retrying = [...queue.retrying]
        .filter(({ order }) => order.group === group && order.facts.some(isGone))
        .map(({ order }) => nextAttempt(order));
      return [...pending, ...retrying].map((order) => skippedRecord(order, 'retention', reason, nowMs));
    });
  }

  /** When the earliest retry or batch of a subscription that may plan is due. */
  nextDueMs(): number | undefined {
    const batches = [...this.book.plannable].flatMap((queue) => {
      const batch = this.book.planningRule(queue.subscription)?.batch;
      return (batch && batchDueMs(queue, batch)) ?? [];
    });
    const due = [this.book.retries.first()?.retryAtMs, ...batches].filter((ms) => ms !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Whether an attempt of a run is over. Only the last ones that ended since the start are known. */
  isFinished(runId: string, attempt = 1): boolean {
    return this.book.isFinished(runId, attempt);
  }

  /** Whether something of a lineage waits or is in work. */
  isBusy(subscription: string, group: string, lineage: string): boolean {
    return this.book.find(subscription, group, lineage) !== undefined;
  }

  /** Whether exactly this fact matched and is not planned yet. */
  isPending(subscription: string, group: string, { origin, factKey, seq }: RunFact): boolean {
    return this.book.find(subscription, group, lineageOf(origin, factKey))?.pending?.fact.fact.seq === seq;
  }

  /** How many runs are in flight: from planned to accepted, rejected or final failure. */
  inFlight(): number {
    return this.book.runs.size;
  }

  /** How many runs are remembered because they are over. */
  get endedRuns(): number {
    return this.book.endedRuns;
  }

  /** How many lineages have a matched and still unplanned fact. */
  pendingCount(): number {
    return this.book.pendingCount;
  }

  /** How many lineages of a subscription wait for a run or for its next attempt. */
  waitingFor(subscription: string): number {
    const queue = this.book.queue(subscription);
    return queue ? queue.ready.size + queue.retrying.size : 0;
  }

  private applyPlanned(order: RunOrder): void {
    if (order.halving) this.continuations.delete(order.halving.after);
    const run = this.book.runs.get(order.runId);
    if (run) {
      if (order.attempt <= run.order.attempt) return;
      run.order = order;
      this.book.changeState(run, 'queued');
    } else if (this.awaits(order) || !this.book.isFinished(order.runId, order.attempt)) {
      this.occupy(order, 'queued', 0);
    }
    this.advance(order);
  }

  private applyEnded(record: EndedRecord): FinalFailure | undefined {
    const { order, outcome, at } = record;
    if (order.trigger !== undefined) return undefined;
    const run = this.book.runs.get(order.runId);
    if (order.halving) this.continuations.delete(order.halving.after);
    this.advance(order, madeWay(record));
    if (run) {
      const isOpen = OPEN_STATES.includes(run.state);
      if (order.attempt < run.order.attempt || (order.attempt === run.order.attempt && !isOpen))
        return undefined;
    } else if (this.book.isFinished(order.runId, order.attempt)) return undefined;

    if (outcome === 'skipped') {
      this.goOn(order, errorOfEnd(record));
      if (run) this.book.finish(run, 'skipped');
      else if (factsInWork(order).length > 1) this.book.remember(order.runId, order.attempt);
      return undefined;
    }
    const dueMs = outcome === 'proposed' ? 0 : retryAtMs(record);
    if (dueMs === undefined) {
      const error = errorOfEnd(record);
      this.goOn(order, error);
      if (run) this.book.finish(run, 'failed');
      this.book.remember(order.runId, order.attempt);
      return isHalved(order, error) ? undefined : { order, at, error };
    }
    const state = outcome === 'proposed' ? 'proposed' : 'retrying';
    if (!run) this.occupy(order, state, dueMs);
    else {
      run.order = order;
      this.book.changeState(run, state, dueMs);
    }
    return undefined;
  }

  private decideRetry(run: ActiveRun, nowMs: number): RunRecord[] {
    const lineages = run.lineages.slice(0, run.order.facts.length);
    const [overtaking] = lineages.map(({ overtaken }) => overtaken);
    if (overtaking && lineages.every(({ overtaken }) => overtaken))
      return [skippedRecord(nextAttempt(run.order), 'superseded', overtaking.reason, nowMs)];
    const rule = this.book.planningRule(run.queue.subscription);
    const newer = lineages.flatMap(({ pending }) => (pending ? [pending.fact] : []));
    const [first] = newer;
    if (!rule || !first || newer.length < lineages.length)
      return [plannedRecord(nextAttempt(run.order), nowMs)];
    const next = rule.batch ? [] : lineages.flatMap((lineage) => decideFirst(rule, lineage, nowMs));
    return [superseded(nextAttempt(run.order), first.fact, nowMs), ...next];
  }

  /** A run of a batch ends: notes what follows, before its lineages are free. */
  private goOn(order: RunOrder, error: ErrorBody | undefined): void {
    const continuation = continuationOf(order, error);
    if (!continuation) return;
    const overtaken = factsInWork(order).filter((fact) => this.lineageOfFact(order, fact)?.overtaken);
    this.continuations.set(attemptName(order), { ...continuation, overtaken });
  }

  private decideContinuation(going: Overtakable, nowMs: number): RunRecord[] {
    const { order, overtaken } = going;
    const isOvertaken = (fact: RunFact): boolean => {
      const waiting = this.lineageOfFact(order, fact)?.pending?.fact.fact.seq ?? 0;
      return waiting > fact.seq || overtaken.includes(fact);
    };
    return continuedRecords(going, this.book.rule(order.subscription), isOvertaken, nowMs);
  }

  /** Whether the order is for a fact that is pending here, so it cannot be a record of the past. */
  private awaits(order: RunOrder): boolean {
    return order.facts.some((fact) => this.lineageOfFact(order, fact)?.pending?.fact.fact.seq === fact.seq);
  }

  private occupy(order: RunOrder, state: RunState, dueMs: number): void {
    this.book.occupy(order, state, dueMs);
    this.advance(order);
  }

  private advance(order: RunOrder, hasMadeWay = false): void {
    const { subscription, group } = order;
    for (const fact of factsInWork(order)) {
      const lineage = this.lineageOfFact(order, fact);
      if (!hasMadeWay) this.book.endWindow(subscription, group, lineageOf(fact.origin, fact.factKey));
      if (lineage) this.book.advance(lineage, fact.seq, order.revision, hasMadeWay);
    }
  }

  private lineageOfFact(order: RunOrder, fact: RunOrder['facts'][number]): Lineage | undefined {
    return this.book.find(order.subscription, order.group, lineageOf(fact.origin, fact.factKey));
  }
}

/** A continuation and those of its facts that a later fact that does not match overtook. */
type Overtakable = Continuation & { readonly overtaken: readonly RunFact[] };

/** The next batch when it is due, and what expired while it was gathered. */
function decideBatch(rule: Rule, queue: SubscriptionQueue, nowMs: number): RunRecord[] {
  const dueMs = rule.batch && batchDueMs(queue, rule.batch);
  if (dueMs === undefined || dueMs > nowMs) return [];
  const { facts, expired } = nextBatch(queue, nowMs);
  const skipped = expired.flatMap((lineage) => decideFirst(rule, lineage, nowMs));
  return facts.length === 0 ? skipped : [...skipped, plannedRecord(orderOf(rule, ...facts), nowMs)];
}

function decideFirst(rule: Rule, { pending }: Lineage, nowMs: number): RunRecord[] {
  if (!pending) return [];
  const order = orderOf(rule, pending.fact);
  if (!isExpired(pending.fact, nowMs)) return [plannedRecord(order, nowMs)];
  const reason = `the fact expired at ${pending.fact.expiresAt} before the run could start`;
  return [skippedRecord(order, 'expired', reason, nowMs)];
}

function superseded(order: RunOrder, { id, seq }: RunFact, nowMs: number): RunRecord {
  return skippedRecord(
    order,
    'superseded',
    `fact ${id} (sequence ${seq}) of the same lineage came later`,
    nowMs,
  );
}
