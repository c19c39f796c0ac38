import { Inject, Injectable } from '@nestjs/common';
import { Bus, RecordLog } from '@signalbox/bus';
import {
  isPartOfRun,
  BOUNDS,
  CodedError,
  type EffectiveRecord,
  formatTime,
  madeWay,
  type PartRecord,
  type RunOrder,
  type RunRecord,
  STREAMS,
  SUBJECTS,
  subscriptionOwner,
} from '@signalbox/contracts';
import { Clock, LOG, type Log, Metrics, Serial } from '@signalbox/runtime';
import { DeadRuns } from './dead-runs.js';
import { Heirs } from './domain/heirs.js';
import { PlannedSince } from './domain/planned-since.js';
import type { PendingLedger } from './domain/pending-ledger.js';
import { LineageEnds } from './domain/lineage-ends.js';
import { PendingWithdrawals } from './domain/pending-withdrawals.js';
import { type Retraction } from './domain/retractions.js';
import { leavesThePast, type Rule, waitingOf } from './domain/rule.js';
import { RunPlanner } from './domain/run-planner.js';
import { type MatchedFact, plannedRecord, remakingOrder } from './domain/run-order.js';
import { type EndedRun, runAgain } from './domain/run-again.js';
import { StandingParts } from './domain/standing-parts.js';
import { FactCache } from './fact-cache.js';
import { lineageOfFact, matchedFact, type StoredFact } from './live-facts.js';
import type { Match } from './match.js';
import type { MatcherState } from './match-store.js';

/** Longest timer Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The planner with its effects. What it decides is folded at once and appended to `activity.run.plan`; nobody waits for
 * that but who says that something is done (see {@link stored}). Facts, run records, rule changes and timers all take turns:
 * the caller runs every method in a {@link turn}, but where it says otherwise.
 */
@Injectable()
export class Planning {
  /** Facts that plans carry. */
  readonly facts = new FactCache();
  /** What was planned behind the point at which the matcher started; until facts are read that far. */
  readonly plannedSince = new PlannedSince();
  /** Runs that finally failed; they are buried outside of the turns. */
  readonly dead: DeadRuns;
  private readonly turns = new Serial();
  private planner = new RunPlanner({ pending: [], runs: [] });
  private readonly standing = new StandingParts();
  private ends = new LineageEnds(this.planner, this.standing);
  private heirs = new Heirs([]);
  private readonly log: RecordLog<RunRecord>;
  private timer: NodeJS.Timeout | undefined;
  private live = false;
  /** Whether the facts that were there at the start are read: a fact among them may cancel what is due. */
  private hasReadFacts = false;
  /** By group, the last fact that is no longer kept, as far as this process has read of it. */
  private readonly retired = new Map<string, number>();
  /** Of the effective config. */
  private generation = 0;

  constructor(
    bus: Bus,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(LOG) private readonly lines: Log,
  ) {
    this.log = new RecordLog(bus, STREAMS.activity);
    this.dead = new DeadRuns(bus);
    const planning = this;
    const collect = (name: string, help: string, read: (planner: RunPlanner) => number): void => {
      const gauge = metrics.gauge(name, help);
      Object.assign(gauge, { collect: () => gauge.set(read(planning.planner)) });
    };
    collect('signalbox_runs_in_flight', 'Runs between planned and decided', (planner) => planner.inFlight());
    collect('signalbox_lineages_pending', 'Matched facts that wait for their run', (planner) =>
      planner.pendingCount(),
    );
    collect(
      'signalbox_withdrawals_pending',
      'Lineages that were retracted and stand for their grace',
      () => planning.ends.pending.size,
    );
  }

  /** Runs work when it is its turn. */
  turn<T>(work: () => Promise<T> | T): Promise<T> {
    return this.turns.run(work);
  }

  /** Resolves when every turn that has been given is over. */
  turnsDone(): Promise<void> {
    return this.turns.idle();
  }

  /** Starts from a snapshot. */
  load({ planner: snapshot, parts, generation, withdrawals }: MatcherState): void {
    this.generation = generation;
    this.planner = new RunPlanner(snapshot);
    this.ends = new LineageEnds(this.planner, this.standing, new PendingWithdrawals(withdrawals));
    for (const part of parts) this.standing.add(part);
  }

  get ledger(): PendingLedger {
    return this.planner.ledger;
  }

  /** What was retracted and stands for its grace. */
  get withdrawals(): PendingWithdrawals {
    return this.ends.pending;
  }

  /** Who took over from whom. */
  get succession(): Heirs {
    return this.heirs;
  }

  /** What stands and is in flight of a subscription that another one took over from belongs to that one from now on. */
  handOver(heirs: Heirs): void {
    this.heirs = heirs;
    this.standing.handOver(heirs);
    this.ends.handOver(heirs);
  }

  /** Whether a subscription has a part of a lineage by its own name. */
  hasOwn(subscription: string, group: string, lineage: string): boolean {
    return this.standing.hasOwn(subscription, group, lineage);
  }

  setRule(rule: Rule): void {
    this.planner.setRule(rule);
    if (rule.retract) this.standing.retracts(rule.subscription);
  }

  /** How many facts and runs of a subscription wait to be planned. */
  waitingFor(subscription: string): number {
    return this.planner.waitingFor(subscription);
  }

  /** What the run of a fact that matched waits for before it can be planned, if it does. */
  waitingOf(subscription: string, { fact, seq, version }: StoredFact): ReturnType<typeof waitingOf> {
    const rule = this.planner.rule(subscription);
    const waits = this.planner.isPending(subscription, fact.group, matchedFact(fact, seq, version).fact);
    return rule && waits ? waitingOf(rule) : undefined;
  }

  /** Since when a rule is another one than at a revision, for new facts only. */
  changedAt(subscription: string, group: string, revision: number): number | undefined {
    const rule = this.planner.rule(subscription);
    return rule && rule.revision > revision && leavesThePast(rule, group) ? rule.revision : undefined;
  }

  /** Forgets a rule and records what it leaves behind. */
  removeRule(rule: Rule): void {
    this.ends.pending.cancelAll(rule.subscription);
    this.planner.removeRule(rule.subscription);
    this.append(this.planner.decideLeftovers(rule, this.clock.now()));
  }

  /** Whether a run is over, as far as this process has seen it. */
  isFinished(runId: string): boolean {
    return this.planner.isFinished(runId);
  }

  /** Folds matches; facts that a newer one replaced are recorded as skipped. */
  matched(matches: readonly Match[]): void {
    const now = this.clock.now();
    this.append(
      matches.flatMap(({ subscription, group, matched }) =>
        this.planner.matched(subscription, group, matched, now),
      ),
    );
  }

  /** A changed rule was evaluated again: facts that wait for their run and did not match again are recorded as skipped. */
  skipOutdated(rule: Rule): void {
    this.append(this.planner.decideOutdated(rule, this.clock.now()));
  }

  /** Facts of a group up to a sequence are no longer kept: what waits for them is recorded as skipped. */
  retire(group: string, upTo: number): void {
    this.retired.set(group, upTo);
    this.ends.retractions.retire(group, upTo);
    if (this.live) this.append(this.planner.decideRetired(group, upTo, this.clock.now()));
  }

  /** Subscriptions of which something stands or is under way that came from older facts of the lineage. */
  concernedBy(group: string, { fact }: MatchedFact): ReadonlySet<string> {
    const lineage = lineageOfFact(fact);
    const standing = this.standing.subscriptionsOf(group, lineage, fact.seq);
    const inWork = this.planner.subscriptionsOf(group, lineage);
    return new Set([...standing, ...inWork.map((name) => this.heirs.heirOf(name))]);
  }

  /** Lineages of a group that have a run in flight. */
  lineagesInFlight(group: string): string[] {
    return this.planner.lineagesInFlight(group);
  }

  /** A fact that retracts under these rules; it is remembered as long as it is kept. */
  retract(rules: Iterable<Rule>, group: string, retraction: Retraction): void {
    this.ends.retractions.add(group, retraction);
    for (const rule of rules) this.ends.retract(rule, retraction);
  }

  /** A fact that retracts and was read before. */
  remember(group: string, retraction: Retraction): void {
    this.ends.retractions.add(group, retraction);
  }

  /** Whether a newer fact has taken back under a rule what this one would lead to. */
  isTakenBack(rule: Rule, matched: MatchedFact): boolean {
    return this.ends.isTakenBack(rule, matched);
  }

  /** A stored fact that may lead to something still: as far as it is taken back, it ends. */
  lookAgain(rule: Rule, matched: MatchedFact): void {
    this.ends.lookAgain(rule, matched);
  }

  /** A fact matches, whether a run is made for it or not: what its lineage led to stays. */
  stays({ subscription, group }: Rule, { fact }: MatchedFact): void {
    this.ends.matched(subscription, group, fact);
  }

  /** The newest fact of a lineage does not match a subscription: what older ones led to there ends. `cameMs`: when it was accepted. */
  unmatched(rule: Rule, { fact }: MatchedFact, why: string, cameMs: number): void {
    const { subscription, group } = rule;
    const reason = `fact ${fact.id} of the same lineage does not match: ${why}`;
    const end = {
      subscription,
      group,
      lineage: lineageOfFact(fact),
      reason,
      by: { id: fact.id, seq: fact.seq },
    };
    this.append(this.ends.end(rule, end, cameMs, this.clock.now()));
  }

  /** What a lineage led to no longer follows from a changed rule: it ends. */
  leave(rule: Rule, lineage: string, reason: string): void {
    const { subscription, group } = rule;
    const nowMs = this.clock.now();
    this.append(this.ends.end(rule, { subscription, group, lineage, reason }, nowMs, nowMs));
  }

  /** Lineages of a group that stand in parts together with others. */
  sharedLineages(group: string): string[] {
    return this.standing.sharedLineages(group);
  }

  /** Runs that would make again what is left of parts; those that were made before are told by {@link remadeBefore}. */
  remakingRuns(): RunOrder[] {
    return this.standing.left().flatMap((part) => {
      const rule = this.planner.rule(part.subscription);
      return rule?.group === part.group ? [remakingOrder(rule, part)] : [];
    });
  }

  /** Such a run was made before the start: it is not made again. */
  remadeBefore({ remakes }: RunOrder): void {
    if (remakes) this.standing.remade(remakes);
  }

  /** Folds a run record of the stream. What is appended here is folded already, and changes nothing when it comes back. */
  applyRun(record: RunRecord): void {
    const failure = this.planner.applyRun(record);
    if (failure) this.dead.add(failure);
    if (record.type === 'planned' && record.remakes) this.standing.remade(record.remakes);
    if (this.live) return;
    if (record.type === 'planned' && record.trigger === undefined) this.plannedSince.add(record);
    // a fact that made way is read again with the later one: the window of its batch began with it
    else if (record.type === 'ended' && record.order.trigger === undefined && !madeWay(record))
      this.plannedSince.add(record.order);
  }

  /** A generation of the effective config is there. */
  applyGeneration({ generation }: EffectiveRecord): void {
    this.generation = Math.max(this.generation, generation);
  }

  /** Folds a part record; a part that a later fact overtook while its run was in work ends at once. */
  applyPart(record: PartRecord): void {
    this.standing.fold(record);
    const overtaking = this.planner.applyPart(record);
    if (record.type !== 'accepted' || !isPartOfRun(record.part) || !this.live) return;
    const { subscription, group } = record.part;
    const heir = this.heirs.heirOf(subscription);
    for (const { lineage, reason } of overtaking)
      this.append(this.ends.endNow({ subscription: heir, group, lineage, reason }, this.clock.now()));
  }

  /** Whether plans are made. */
  get isLive(): boolean {
    return this.live;
  }

  /** The facts that were there at the start are read: what is due ends, from now on in time. */
  readFacts(): void {
    this.plannedSince.clear();
    this.hasReadFacts = true;
    this.plan();
  }

  /** From now on plans are made. Before, records of the past are folded only. */
  goLive(): void {
    this.live = true;
    for (const [group, upTo] of this.retired) this.retire(group, upTo);
    this.plan();
  }

  /** Decides everything that is due. */
  plan(): void {
    if (!this.live) return;
    const decided: RunRecord[] = [];
    this.planner.setClock(this.clock.now());
    if (this.hasReadFacts) this.append(this.ends.decideDue(this.clock.now()));
    for (;;) {
      const records = this.planner.decidePlans(this.clock.now());
      if (records.length === 0) break;
      this.fold(records);
      decided.push(...records);
    }
    decided.push(...this.remake());
    this.send(SUBJECTS.plans, decided);
    const withdrawalMs = this.hasReadFacts ? this.ends.pending.nextMs : undefined;
    const due = [this.planner.nextDueMs(), withdrawalMs].filter((ms) => ms !== undefined);
    this.schedule(due.length > 0 ? Math.min(...due) : undefined);
  }

  /** What is left of parts is run again as soon as none of its lineages waits; a part of which nothing is left ends. */
  private remake(): RunRecord[] {
    return this.standing.left().flatMap((part) => {
      const { subscription, group, facts, gone, reason } = part;
      const rule = this.planner.rule(subscription);
      if (facts.length === 0) {
        this.standing.remade(part);
        this.withdraw(subscription, reason, gone);
        return [];
      }
      if (rule?.group !== group || !this.planner.hasRoomFor(rule, facts.map(lineageOfFact))) return [];
      const records = [plannedRecord(remakingOrder(rule, part), this.clock.now())];
      this.fold(records);
      this.standing.remade(part);
      return records;
    });
  }

  /** Plans a further attempt of a run that failed, where the rules of {@link runAgain} allow it; gives its number. */
  again(run: EndedRun): number {
    if (!this.live) throw new CodedError('not-ready', 'matcher is catching up with the records: try again');
    const { subscription, group, facts, runId, attempt } = run.order;
    const isBusy =
      this.planner.isFinished(runId, attempt + 1) ||
      facts.map(lineageOfFact).some((lineage) => this.planner.isBusy(subscription, group, lineage));
    const order = runAgain(run, this.planner.rule(subscription), isBusy);
    this.append([plannedRecord(order, this.clock.now())]);
    return order.attempt;
  }

  /** Ends what the owner derived at once, all of it or what came from these lineages. */
  withdraw(subscription: string, reason: string, lineages?: readonly string[]): void {
    if (!lineages) this.ends.pending.cancelAll(subscription);
    const at = formatTime(this.clock.now());
    const owner = subscriptionOwner(subscription);
    this.send(SUBJECTS.withdrawals, [
      { type: 'withdrawn', at, owner, dueAt: at, reason, ...(lineages && { lineages }) },
    ]);
  }

  /** Resolves when everything that was decided so far is stored; rejects when it was given up at a stop. */
  stored(): Promise<void> {
    return this.log.allStored();
  }

  /** Whether no fact waits for its lineage or for a place, so that no record of a run frees anything. */
  get isIdle(): boolean {
    return this.planner.pendingCount() === 0;
  }

  /** Whether what follows the end of a run of a batch is not planned yet. */
  get isGoingOn(): boolean {
    return this.planner.isGoingOn;
  }

  /** Facts that wait for their run. */
  get pendingCount(): number {
    return this.planner.pendingCount();
  }

  /** Runs that are remembered because they are over. */
  get endedRuns(): number {
    return this.planner.endedRuns;
  }

  /** Plans that wait for NATS, in messages. */
  get plansInLine(): number {
    return this.log.waiting;
  }

  /** Resolves when not too much waits to be stored; a stop ends the wait too. */
  async room(): Promise<void> {
    if (this.log.waiting > BOUNDS.plansInLine) await this.log.idle();
  }

  /** Outside of the turns: one of them may wait for plans that a server that hangs never takes. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.live = false;
    await this.log.stop();
  }

  private append(records: readonly RunRecord[]): void {
    this.fold(records);
    const isWithdrawal = ({ type }: RunRecord): boolean => type === 'withdrawn';
    this.send(
      SUBJECTS.plans,
      records.filter((record) => !isWithdrawal(record)),
    );
    this.send(SUBJECTS.withdrawals, records.filter(isWithdrawal));
  }

  private fold(records: readonly RunRecord[]): void {
    for (const record of records) this.planner.applyRun(record);
  }

  private send(subject: string, records: readonly RunRecord[]): void {
    if (records.length === 0) return;
    this.log
      .append(
        subject,
        records.map((record) => this.complete(record)),
      )
      .catch((err: unknown) => {
        // a plan names a few facts that were messages themselves, so it fits; at a stop it is made again at the next start
        if (this.live) this.lines.error({ err, subject }, 'a plan could not be stored');
      });
  }

  /** A plan with what the runner needs and matcher has at hand. */
  private complete(record: RunRecord): RunRecord {
    if (record.type !== 'planned' || record.trigger !== undefined) return record;
    const config = { generation: this.generation, replaces: this.standing.generationOf(record.source) };
    if (record.attempt > 1) return { ...record, config };
    const contents = this.facts.all(
      record.group,
      record.facts.map(({ seq }) => seq),
    );
    if (!contents) return { ...record, config };
    const complete = { ...record, config, contents };
    // the facts of a batch may be more than a message can hold: then the runner reads them
    const isAlone = contents.length === 1;
    return isAlone || Buffer.byteLength(JSON.stringify(complete)) <= this.log.maxRecordBytes
      ? complete
      : { ...record, config };
  }

  private schedule(dueMs: number | undefined): void {
    clearTimeout(this.timer);
    if (dueMs === undefined || !this.live) return;
    const wait = Math.min(Math.max(0, dueMs - this.clock.now()), MAX_TIMER_MS);
    this.timer = setTimeout(() => void this.turn(() => this.plan()), wait);
  }
}
