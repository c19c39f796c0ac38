import { formatTime, lineageOf, type RunFact, type RunRecord, subscriptionOwner } from '@signalbox/contracts';
import { Heirs } from './heirs.js';
import { type PendingWithdrawal, PendingWithdrawals } from './pending-withdrawals.js';
import { isOlder, type Retraction, Retractions } from './retractions.js';
import type { MatchedFact } from './run-order.js';
import type { RunPlanner } from './run-planner.js';
import type { Rule } from './rule.js';
import type { StandingParts } from './standing-parts.js';

/** What ends: a lineage of a subscription, why, and by which fact if it is one. */
type End = Omit<PendingWithdrawal, 'dueMs'>;

/**
 * How what a lineage led to ends: at once, or after the grace of a subscription that retracts, when no newer fact of the lineage
 * matches before (E16). Both are the same: what waits is skipped, what is in work ends when it is accepted, what stands is withdrawn,
 * and of a part of several lineages the others are run again. Records are to be folded and appended by the caller. ADR 0038.
 */
export class LineageEnds {
  private heirs = new Heirs([]);
  readonly retractions = new Retractions();

  constructor(
    private readonly planner: RunPlanner,
    private readonly standing: StandingParts,
    readonly pending = new PendingWithdrawals([]),
  ) {}

  /** What stands and is in flight of a subscription that another one took over from belongs to that one from now on. */
  handOver(heirs: Heirs): void {
    this.heirs = heirs;
  }

  /** A fact retracts: lineages of the same origin and subject of which it is newer than every fact that led to something. */
  retract(rule: Rule, retraction: Retraction): void {
    const { subscription, group } = rule;
    const about = retraction.fact;
    const newest = new Map<string, boolean>();
    for (const fact of [
      ...this.standing.about(subscription, group, about),
      ...this.heirs.namesOf(subscription).flatMap((name) => this.planner.about(name, group, about)),
    ]) {
      const lineage = lineageOf(fact.origin, fact.factKey);
      newest.set(lineage, (newest.get(lineage) ?? true) && isOlder(fact, about));
    }
    for (const [lineage, isRetracted] of newest) if (isRetracted) this.takeBack(rule, lineage, retraction);
  }

  /** Whether a newer fact has taken back under a rule what this one would lead to. */
  isTakenBack(rule: Rule, matched: MatchedFact): boolean {
    return this.retractions.of(rule, matched) !== undefined;
  }

  /** A fact that is stored and may lead to something still: as far as it is taken back, it ends. */
  lookAgain(rule: Rule, matched: MatchedFact): void {
    const retraction = this.retractions.of(rule, matched);
    const { origin, factKey } = matched.fact;
    if (retraction) this.takeBack(rule, lineageOf(origin, factKey), retraction);
  }

  /** A lineage matches: what was to end stays. */
  matched(subscription: string, group: string, { origin, factKey }: RunFact): void {
    if (this.pending.size === 0) return;
    this.pending.cancel({ subscription, group, lineage: lineageOf(origin, factKey) });
  }

  /** Ends what a lineage led to after the grace of the rule, counted from `fromMs`, or at once when it has none. */
  end(rule: Rule, end: End, fromMs: number, nowMs: number): RunRecord[] {
    if (!rule.retract) return this.endNow(end, nowMs);
    this.pending.add({ ...end, dueMs: fromMs + rule.retract.graceMs });
    return [];
  }

  /** Ends what a lineage led to. */
  endNow({ subscription, group, lineage, reason, by }: End, nowMs: number): RunRecord[] {
    const names = by ? this.heirs.namesOf(subscription) : [];
    const skipped = names.flatMap((name) =>
      this.planner.overtake({ subscription: name, group, lineage }, { ...by!, reason }, nowMs),
    );
    // what a later fact led to stays
    const isLater = by && !this.standing.subscriptionsOf(group, lineage, by.seq).has(subscription);
    if (isLater || !this.standing.leave(subscription, group, lineage, reason)) return skipped;
    const at = formatTime(nowMs);
    const owner = subscriptionOwner(subscription);
    return [...skipped, { type: 'withdrawn', at, owner, dueAt: at, reason, lineages: [lineage] }];
  }

  /** What is due by now ends. */
  decideDue(nowMs: number): RunRecord[] {
    return this.pending.takeDue(nowMs).flatMap((due) => this.endNow(due, nowMs));
  }

  private takeBack(rule: Rule, lineage: string, { type, fact, acceptedMs }: Retraction): void {
    const { subscription, group, retract } = rule;
    const reason = retractedBy(fact.id, type);
    const dueMs = acceptedMs + (retract?.graceMs ?? 0);
    this.pending.add({ subscription, group, lineage, reason, dueMs, by: { id: fact.id, seq: fact.seq } });
  }
}

/** Why what a fact retracted ended. */
export function retractedBy(id: string, type: string): string {
  return `fact ${id} (${type}) retracted it`;
}
