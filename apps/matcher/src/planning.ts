import { Inject, Injectable } from '@nestjs/common';
import { appendDeadLetter, Bus } from '@signalbox/bus';
import { type PartRecord, type RunRecord, SUBJECTS, subscriptionOwner } from '@signalbox/contracts';
import { Clock, LOG, type Log, Metrics } from '@signalbox/runtime';
import type { FinalFailure, PlannerSnapshot } from './domain/planner-snapshot.js';
import type { Rule } from './domain/rule.js';
import { RunPlanner } from './domain/run-planner.js';
import type { Match } from './match-store.js';

/** How soon plans that could not be appended are decided again. Milliseconds. */
const AGAIN_MS = 500;
/** Longest timer Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The planner with its effects: what it decides is appended to `activity.run.<owner>` first and folded after.
 * The caller runs every method under one lock.
 */
@Injectable()
export class Planning {
  private planner = new RunPlanner({ lineages: [], runs: [] });
  private timer: NodeJS.Timeout | undefined;
  private onDue: () => void = () => undefined;
  private live = false;
  /** Skipped facts whose records could not be appended yet; the planner tells each only once. */
  private skipped: RunRecord[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {
    const planning = this;
    const collect = (name: string, help: string, read: (planner: RunPlanner) => number): void => {
      const gauge = metrics.gauge(name, help);
      Object.assign(gauge, { collect: () => gauge.set(read(planning.planner)) });
    };
    collect('signalbox_runs_in_flight', 'Runs between planned and decided', (planner) => planner.inFlight());
    collect('signalbox_lineages_pending', 'Matched facts that wait for their run', (planner) =>
      planner.pendingCount(),
    );
  }

  /** Starts from a snapshot; `onDue` is called when a retry is due or an append shall be tried again. */
  load(snapshot: PlannerSnapshot, onDue: () => void): void {
    this.planner = new RunPlanner(snapshot);
    this.onDue = onDue;
  }

  setRule(rule: Rule): void {
    this.planner.setRule(rule);
  }

  /** How many facts and runs of a subscription wait to be planned. */
  waitingFor(subscription: string): number {
    return this.planner.waitingFor(subscription);
  }

  /** Forgets a rule and records what it leaves behind. */
  async removeRule(rule: Rule): Promise<void> {
    this.planner.removeRule(rule.subscription);
    await this.append(this.planner.decideLeftovers(rule, this.clock.now()));
  }

  /** Folds matches; facts that a newer one replaced are recorded as skipped. */
  async matched(matches: readonly Match[]): Promise<void> {
    const now = this.clock.now();
    for (const { subscription, group, matched } of matches)
      this.skipped.push(...this.planner.matched(subscription, group, matched, now));
    await this.append(this.skipped);
    this.skipped = [];
  }

  /** Folds a run record from the stream; a run that finally failed becomes a dead letter. */
  async applyRun(record: RunRecord): Promise<void> {
    const failure = this.planner.applyRun(record);
    if (failure) await this.bury(failure);
  }

  applyPart(record: PartRecord): void {
    this.planner.applyPart(record);
  }

  /** From now on plans are made. Before, records of the past are folded only. */
  async goLive(): Promise<void> {
    this.live = true;
    await this.plan();
  }

  /** Appends everything that is due. What fails to be appended is decided again a little later. */
  async plan(): Promise<void> {
    if (!this.live) return;
    try {
      for (;;) {
        const records = this.planner.decidePlans(this.clock.now());
        if (records.length === 0) break;
        await this.append(records);
      }
      this.schedule(this.planner.nextDueMs());
    } catch (err) {
      if (!this.bus.outages.explain(err)) this.log.warn({ err }, 'runs could not be planned, trying again');
      this.schedule(this.clock.now() + AGAIN_MS);
    }
  }

  /** Ends what the owner derived, all of it or what came from these lineages. */
  async withdraw(subscription: string, reason: string, lineages?: readonly string[]): Promise<void> {
    const at = new Date(this.clock.now()).toISOString();
    const owner = subscriptionOwner(subscription);
    await this.append([{ type: 'withdrawn', at, owner, dueAt: at, reason, ...(lineages && { lineages }) }]);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.live = false;
  }

  /** Appends records, all in flight at once, then folds them; they come back by the stream and change nothing. */
  private async append(records: readonly RunRecord[]): Promise<void> {
    await Promise.all(
      records.map((record) => {
        const { owner, msgId } = addressOf(record);
        return this.bus.publisher.publishJson(SUBJECTS.runActivity(owner), record, { msgId });
      }),
    );
    for (const record of records) this.planner.applyRun(record);
  }

  private async bury({ order, at, error }: FinalFailure): Promise<void> {
    await appendDeadLetter(this.bus, {
      service: 'matcher',
      error,
      subject: SUBJECTS.run(order.plugin, order.subscription),
      data: Buffer.from(JSON.stringify(order)),
      at,
      about: {
        runId: order.runId,
        subscription: order.subscription,
        plugin: order.plugin,
        eventId: order.facts.map(({ id }) => id).join(','),
      },
      msgId: `dead-run:${order.runId}:${order.attempt}`,
    });
  }

  private schedule(dueMs: number | undefined): void {
    clearTimeout(this.timer);
    if (dueMs === undefined || !this.live) return;
    const wait = Math.min(Math.max(0, dueMs - this.clock.now()), MAX_TIMER_MS);
    this.timer = setTimeout(() => this.onDue(), wait);
  }
}

function addressOf(record: RunRecord): { owner: string; msgId: string } {
  if (record.type === 'withdrawn' || record.type === 'withdraw-cancelled') {
    return {
      owner: record.owner,
      msgId: `${record.type}:${record.owner}:${record.at}:${(record.lineages ?? []).join(',')}`,
    };
  }
  const order = record.type === 'ended' ? record.order : record;
  const subscription = record.type === 'started' ? '' : (order as { subscription: string }).subscription;
  return { owner: subscriptionOwner(subscription), msgId: `${record.type}:${order.runId}:${order.attempt}` };
}
