import {
  errorOfEnd,
  ERRORS,
  isCausedByFacts,
  lineageOf,
  retryDelayMs,
  timestampMs,
  madeWay,
  type PartRecord,
  type RunFact,
  type RunOrder,
  type RunRecord,
  type RunState,
} from '@signalbox/contracts';
import { accepted, aRule, ended, NOON, ordersOf, rejected, started } from './given.fixture.js';
import type { Since } from './lineage-book.js';
import type { MatchedFact } from './run-order.js';
import { RunPlanner, type PlannerSnapshot } from './run-planner.js';
import type { Rule } from './rule.js';

/** For tests: everything that happened, in order, and what a plain fold makes of it. */
type Entry =
  | { readonly kind: 'matched'; readonly subscription: string; readonly fact: MatchedFact }
  | { readonly kind: 'run'; readonly record: RunRecord }
  | { readonly kind: 'part'; readonly record: PartRecord };

interface FoldedRun {
  order: RunOrder;
  state: RunState;
  retryAtMs?: number;
}
interface FoldedLineage {
  subscription: string;
  lineage: string;
  matched?: MatchedFact;
  matchedSeq: number;
  /** The first matched and unplanned fact. */
  since?: Since;
  plannedSeq: number;
  /** As `plannedSeq`, without what only made way for a later fact: that one is read again with it after a start. */
  settledSeq: number;
  outcomes: Set<string>;
}

/** The naive fold: keeps everything, knows no queue and no memory bound. `over`: runs that ended, in the order of their ends. */
export function foldLog(log: readonly Entry[]): {
  runs: FoldedRun[];
  over: RunOrder[];
  lineages: FoldedLineage[];
} {
  const runs = new Map<string, FoldedRun>();
  const over: RunOrder[] = [];
  const end = (runId: string): void => {
    const run = runs.get(runId);
    if (run) over.push(run.order);
    runs.delete(runId);
  };
  const lineages = new Map<string, FoldedLineage>();
  const lineageOfFact = (subscription: string, fact: RunFact): FoldedLineage => {
    const lineage = lineageOf(fact.origin, fact.factKey);
    const key = `${subscription} ${lineage}`;
    const folded = lineages.get(key) ?? {
      subscription,
      lineage,
      matchedSeq: 0,
      plannedSeq: 0,
      settledSeq: 0,
      outcomes: new Set(),
    };
    lineages.set(key, folded);
    return folded;
  };
  for (const entry of log) {
    if (entry.kind === 'matched') {
      const lineage = lineageOfFact(entry.subscription, entry.fact.fact);
      if (entry.fact.fact.seq <= lineage.matchedSeq) continue;
      const { fact, gathered } = entry.fact;
      if (lineage.matchedSeq <= lineage.plannedSeq)
        lineage.since = { seq: fact.seq, ...(gathered && { atMs: gathered.atMs }) };
      lineage.matched = entry.fact;
      lineage.matchedSeq = fact.seq;
    } else if (entry.kind === 'part') {
      if (entry.record.type === 'accepted') end(entry.record.part.runId);
      if (entry.record.type === 'rejected') end(entry.record.runId);
    } else {
      const { record } = entry;
      if (record.type === 'started') runs.get(record.runId)!.state = 'running';
      if (record.type !== 'planned' && record.type !== 'ended') continue;
      const order = record.type === 'ended' ? record.order : ordersOf([record])[0]!;
      if (order.trigger !== undefined) continue;
      for (const fact of order.facts) {
        const lineage = lineageOfFact(order.subscription, fact);
        lineage.plannedSeq = Math.max(lineage.plannedSeq, fact.seq);
        if (!madeWay(record)) lineage.settledSeq = Math.max(lineage.settledSeq, fact.seq);
        lineage.outcomes.add(`${fact.seq} ${record.type === 'ended' ? record.outcome : 'planned'}`);
      }
      if (record.type === 'planned') runs.set(order.runId, { order, state: 'queued' });
      else if (record.outcome === 'proposed') runs.set(order.runId, { order, state: 'proposed' });
      else if (
        record.outcome !== 'skipped' &&
        order.attempt < order.retry.maxAttempts &&
        ERRORS[errorOfEnd(record).code].retryable &&
        !(order.halving && isCausedByFacts(errorOfEnd(record).code))
      ) {
        const dueMs = timestampMs(record.at) + retryDelayMs(order.retry, order.runId, order.attempt);
        runs.set(order.runId, { order, state: 'retrying', retryAtMs: dueMs });
      } else end(order.runId);
    }
  }
  return { runs: [...runs.values()], over, lineages: [...lineages.values()] };
}

/** One planner with its clock, its log and the plugin and renderer that it works with. */
export class PlannerWorld {
  nowMs = NOON;
  private seq = 0;
  /** Lengths of the log at which the end of every run of a batch was followed: only there a position is stored. */
  private followed = [0];

  constructor(
    readonly rules: Map<string, Rule>,
    readonly log: Entry[] = [],
    readonly planner = new RunPlanner({ pending: [], runs: [] }),
    /** Entries before this one are behind the positions that the process started from. */
    private readonly readFrom = 0,
  ) {
    for (const rule of rules.values()) planner.setRule(rule);
  }

  /**
   * Another process: it starts from tables that are `behind` entries old, then reads what came since. The table of runs may be
   * `ahead` of the other by some entries.
   */
  restarted(behind: number, ahead = 0): PlannerWorld {
    const position = this.followed.findLast((length) => length <= this.log.length - behind) ?? 0;
    const { over, lineages } = foldLog(this.log.slice(0, position));
    const later = foldLog(this.log.slice(0, position + ahead));
    // every rule of a world has the same
    const { revision } = aRule();
    const snapshot: PlannerSnapshot = {
      runs: later.runs,
      ended: later.over.slice(over.length),
      pending: lineages.flatMap(({ subscription, lineage, matched, matchedSeq, plannedSeq, since }) =>
        matched && matchedSeq > plannedSeq
          ? [{ subscription, group: 'edge', lineage, matched, revision, ...(since && { since }) }]
          : [],
      ),
    };
    const planner = new RunPlanner(snapshot);
    const world = new PlannerWorld(new Map(this.rules), [...this.log], planner, position);
    world.nowMs = this.nowMs;
    world.seq = this.seq;
    world.followed = [...this.followed];
    const missed = [...this.log.keys()].slice(position);
    for (const n of missed) if (this.log[n]?.kind !== 'matched') world.repeatEntry(n);
    for (const n of missed) if (this.log[n]?.kind === 'matched') world.repeatEntry(n);
    return world;
  }

  match(subscription: string, about: string, livesMs?: number): void {
    this.seq += 1;
    const fact: RunFact = {
      seq: this.seq,
      id: `f${this.seq}`,
      origin: 'onprem',
      factKey: `key:${about}`,
      subject: about,
    };
    const expiresAt = livesMs === undefined ? undefined : new Date(this.nowMs + livesMs).toISOString();
    const matched: MatchedFact = {
      fact,
      version: 1,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(this.rules.get(subscription)?.batch && { gathered: { atMs: this.nowMs, bytes: 100 } }),
    };
    this.log.push({ kind: 'matched', subscription, fact: matched });
    const records = this.planner.matched(subscription, 'edge', matched, this.nowMs);
    this.noteFollowed();
    this.run(records);
  }

  plan(): number {
    this.planner.setClock(this.nowMs);
    const records = this.planner.decidePlans(this.nowMs);
    this.run(records);
    return records.length;
  }

  run(records: readonly RunRecord[]): void {
    for (const record of records) {
      this.log.push({ kind: 'run', record });
      this.planner.applyRun(record);
      this.noteFollowed();
    }
  }

  /** Takes the n-th unfinished run one step further. */
  advance(n: number, outcome: 'proposed' | 'failed' | 'lost', accepts: boolean): void {
    const moving = foldLog(this.log).runs.filter((run) => run.state !== 'retrying');
    const run = moving[n % moving.length];
    if (!run) return;
    const { order, state } = run;
    const at = new Date(this.nowMs).toISOString();
    if (state === 'queued') this.run([started(order, this.nowMs)]);
    else if (state === 'running') this.run([ended(order, outcome, { at })]);
    else {
      const record = accepts ? accepted(order) : rejected(order);
      this.log.push({ kind: 'part', record });
      this.planner.applyPart(record);
      this.noteFollowed();
    }
  }

  private noteFollowed(): void {
    if (!this.planner.isGoingOn) this.followed.push(this.log.length);
  }

  /** Folds an entry that this process has read once more. */
  repeat(n: number): void {
    const read = this.log.length - this.readFrom;
    if (read > 0) this.repeatEntry(this.readFrom + (n % read));
  }

  repeatLatest(): void {
    if (this.log.length > this.readFrom) this.repeatEntry(this.log.length - 1);
  }

  /** A fact is folded again only while it is unplanned, as the service does. */
  private repeatEntry(n: number): void {
    const entry = this.log[n];
    if (entry?.kind === 'run') this.planner.applyRun(entry.record);
    if (entry?.kind === 'part') this.planner.applyPart(entry.record);
    if (entry?.kind !== 'matched') return;
    const key = lineageOf(entry.fact.fact.origin, entry.fact.fact.factKey);
    const lineage = foldLog(this.log).lineages.find(
      (folded) => folded.subscription === entry.subscription && folded.lineage === key,
    );
    if (entry.fact.fact.seq > lineage!.settledSeq)
      this.planner.matched(entry.subscription, 'edge', entry.fact, this.nowMs);
  }

  /** All plugins exist and behave until nothing is left to do. */
  drain(): void {
    for (const name of this.rules.keys()) this.change(aRule({ ...this.rules.get(name), pluginExists: true }));
    for (let moved = true; moved;) {
      this.nowMs += 60_000;
      moved = this.plan() > 0;
      for (; foldLog(this.log).runs.some((run) => run.state !== 'retrying'); moved = true)
        this.advance(0, 'proposed', true);
    }
  }

  change(rule: Rule): void {
    this.rules.set(rule.subscription, rule);
    this.planner.setRule(rule);
  }

  /** What can be seen of the planner from outside. */
  visible(): unknown {
    const { planner, nowMs } = this;
    return [
      planner.decidePlans(nowMs),
      planner.decidePlans(nowMs + 3_600_000),
      planner.inFlight(),
      planner.pendingCount(),
      planner.nextDueMs(),
    ];
  }
}
