import { BOUNDS, lineageOf, type RunFact, type RunOrder, type RunState } from '@signalbox/contracts';
import { OrderedQueue } from './ordered-queue.js';
import { type Rule, waitingOf } from './rule.js';
import type { MatchedFact } from './run-order.js';
import { SubjectIndex } from './subject-index.js';

/** What waits of a lineage. */
export interface Pending {
  readonly fact: MatchedFact;
  readonly revision: number;
  /** The first of the facts that wait: it keeps the turn of the lineage, and its batch starts by it. */
  readonly since: Since;
}

/** A later fact that ends what a lineage leads to, and why. */
export interface Overtaking extends Pick<RunFact, 'id' | 'seq'> {
  readonly reason: string;
}

/** A fact by its sequence, and where facts are gathered when it came (milliseconds since 1970). */
export interface Since {
  readonly seq: number;
  readonly atMs?: number;
}

/** One lineage of one subscription, kept only while it has something pending or in flight. */
export interface Lineage {
  readonly key: string;
  readonly group: string;
  /** `lineageOf` of its facts. */
  readonly lineage: string;
  readonly queue: SubscriptionQueue;
  /** The newest planned fact and the revision it was planned at: a changed rule plans the same fact again. */
  plannedSeq: number;
  plannedRevision: number;
  /** The newest matched and still unplanned fact. */
  pending?: Pending;
  run?: ActiveRun;
  /** A later fact that ends it came while the run was in work: what the run produces shall end. */
  overtaken?: Overtaking;
  /** Of a subscription that retracts: the fact by which it is in the index of subjects. */
  about?: RunFact;
}

/** A run that keeps its lineages busy. */
export interface ActiveRun {
  order: RunOrder;
  state: RunState;
  /** Set while `state` is retrying. */
  retryAtMs: number;
  readonly queue: SubscriptionQueue;
  /** Those of its facts first, then those of pieces that come after it. */
  readonly lineages: readonly Lineage[];
}

/** What one subscription has pending and in flight. */
export interface SubscriptionQueue {
  readonly subscription: string;
  readonly lineages: Map<string, Lineage>;
  /** Pending lineages without a run, first come first. */
  readonly ready: OrderedQueue<Lineage>;
  readonly retrying: Set<ActiveRun>;
  /** Runs. A retrying one keeps its place, so a broken plugin burns through few facts only. */
  inFlight: number;
}

/** Finished runs that are remembered so that a record that is folded late does not bring one back. */
export const REMEMBERED_RUNS = BOUNDS.endedRuns;

/** The memory of the planner: every change keeps the queues in step. It knows no records and no clock. */
export class LineageBook {
  readonly runs = new Map<string, ActiveRun>();
  /** Retrying runs of subscriptions that may plan, earliest first. */
  readonly retries = new OrderedQueue<ActiveRun>(isDueEarlier);
  /** Subscriptions with a ready lineage and a free place. */
  readonly plannable = new Set<SubscriptionQueue>();
  pendingCount = 0;
  /** Told of every lineage that has something pending now, something else, or nothing any more. */
  onPending: (lineage: Lineage) => void = () => undefined;

  private readonly rules = new Map<string, Rule>();
  /** Every lineage in memory, of whatever subscription. */
  private readonly lineages = new Map<string, Set<Lineage>>();
  private readonly queues = new Map<string, SubscriptionQueue>();
  private readonly subjects = new SubjectIndex();
  /** Run id → the last attempt that was made, oldest first. */
  private readonly finished = new Map<string, number>();
  /** Of facts that made way for a later one that is not read yet: its turn and its window began with them. */
  private readonly windows = new Map<string, Pick<Pending, 'revision' | 'since'>>();

  rule(subscription: string): Rule | undefined {
    return this.rules.get(subscription);
  }

  /** The rule of a subscription that may plan now: it is known, and nothing of it is missing or suspended. */
  planningRule(subscription: string): Rule | undefined {
    const rule = this.rules.get(subscription);
    return rule && !waitingOf(rule) ? rule : undefined;
  }

  /** Of all subscriptions that have something pending or in flight, or had. */
  allQueues(): Iterable<SubscriptionQueue> {
    return this.queues.values();
  }

  queue(subscription: string): SubscriptionQueue | undefined {
    return this.queues.get(subscription);
  }

  changeRule(subscription: string, rule: Rule | undefined): void {
    if (rule) this.rules.set(subscription, rule);
    else this.rules.delete(subscription);
    const queue = this.queues.get(subscription);
    if (!queue) return;
    for (const run of queue.retrying) this.scheduleRetry(run);
    if (rule?.retract) for (const lineage of queue.lineages.values()) this.index(lineage);
    this.refresh(queue);
  }

  /** The newest facts of lineages of a subscription that retracts which have this origin and subject. */
  about(subscription: string, group: string, fact: Pick<RunFact, 'origin' | 'subject'>): RunFact[] {
    const lineages = this.subjects.about(subscription, group, fact);
    return lineages.flatMap((lineage) => this.find(subscription, group, lineage)?.about ?? []);
  }

  find(subscription: string, group: string, lineage: string): Lineage | undefined {
    return this.queues.get(subscription)?.lineages.get(lineageKey(group, lineage));
  }

  /** A lineage in every subscription that has something of it pending or in flight. */
  ofLineage(group: string, lineage: string): Iterable<Lineage> {
    return this.lineages.get(lineageKey(group, lineage)) ?? [];
  }

  /** The lineage, added when it is not in memory. Whoever adds one makes it pending or busy, or releases it. */
  open(subscription: string, group: string, lineage: string): Lineage {
    let queue = this.queues.get(subscription);
    if (!queue) {
      queue = {
        subscription,
        lineages: new Map(),
        ready: new OrderedQueue<Lineage>(isEarlier),
        retrying: new Set(),
        inFlight: 0,
      };
      this.queues.set(subscription, queue);
    }
    const key = lineageKey(group, lineage);
    const known = queue.lineages.get(key);
    if (known) return known;
    const added: Lineage = { key, group, lineage, queue, plannedSeq: 0, plannedRevision: 0 };
    queue.lineages.set(key, added);
    const same = this.lineages.get(key);
    if (same) same.add(added);
    else this.lineages.set(key, new Set([added]));
    return added;
  }

  setPending(lineage: Lineage, fact: MatchedFact, revision: number, since = sinceOf(fact)): void {
    const before = lineage.pending;
    if (!before) this.pendingCount += 1;
    const window = before ?? this.windows.get(windowKey(lineage.queue.subscription, lineage.key));
    this.windows.delete(windowKey(lineage.queue.subscription, lineage.key));
    // a changed rule gathers anew
    const first =
      window?.revision === revision ? window.since : { ...since, seq: window?.since.seq ?? since.seq };
    lineage.pending = { fact, revision, since: first };
    this.onPending(lineage);
    this.index(lineage);
    if (!lineage.run) lineage.queue.ready.add(lineage);
    this.refresh(lineage.queue);
  }

  /** What came later than `nowMs` came now: the clock was set back. */
  setBack(nowMs: number): void {
    for (const queue of this.queues.values())
      for (const lineage of queue.lineages.values()) {
        const { pending } = lineage;
        if (!pending?.fact.gathered) continue;
        const { fact, since } = pending;
        const gathered = { ...pending.fact.gathered, atMs: Math.min(pending.fact.gathered.atMs, nowMs) };
        const first = { ...since, ...(since.atMs !== undefined && { atMs: Math.min(since.atMs, nowMs) }) };
        if (gathered.atMs === fact.gathered?.atMs && first.atMs === since.atMs) continue;
        lineage.pending = { ...pending, fact: { ...fact, gathered }, since: first };
        this.onPending(lineage);
      }
  }

  /**
   * Folds by max that a fact was planned or skipped; what is pending and not newer is done with. `madeWay`: it was skipped for a later
   * one of its lineage.
   */
  advance(lineage: Lineage, seq: number, revision: number, madeWay = false): void {
    if (isBeyond(seq, revision, lineage)) {
      lineage.plannedSeq = seq;
      lineage.plannedRevision = revision;
    }
    const { pending } = lineage;
    if (pending && !isBeyond(pending.fact.fact.seq, pending.revision, lineage)) {
      lineage.queue.ready.remove(lineage);
      if (madeWay) this.windows.set(windowKey(lineage.queue.subscription, lineage.key), pending);
      delete lineage.pending;
      this.pendingCount -= 1;
      this.onPending(lineage);
    }
    this.release(lineage);
  }

  /** The later fact for which others made way was planned or skipped itself: the next one begins anew. */
  endWindow(subscription: string, group: string, lineage: string): void {
    if (this.windows.size > 0) this.windows.delete(windowKey(subscription, lineageKey(group, lineage)));
  }

  /** Puts a run in flight on its lineages. A lineage that is busy already keeps its run, and this one is left out. */
  occupy(order: RunOrder, state: RunState, retryAtMs: number): void {
    const lineages = lineagesOf(order).map((lineage) => this.open(order.subscription, order.group, lineage));
    const [first] = lineages;
    if (!first || lineages.some((lineage) => lineage.run)) {
      for (const lineage of lineages) this.release(lineage);
      return;
    }
    const run: ActiveRun = { order, state, retryAtMs, queue: first.queue, lineages };
    this.runs.set(order.runId, run);
    first.queue.inFlight += 1;
    for (const lineage of lineages) {
      lineage.run = run;
      lineage.queue.ready.remove(lineage);
      this.index(lineage);
    }
    this.changeState(run, state, retryAtMs);
    this.refresh(first.queue);
  }

  changeState(run: ActiveRun, state: RunState, retryAtMs = 0): void {
    this.retries.remove(run);
    run.queue.retrying.delete(run);
    run.state = state;
    run.retryAtMs = retryAtMs;
    if (state !== 'retrying') return;
    run.queue.retrying.add(run);
    this.scheduleRetry(run);
  }

  /** The run is over: its lineages are free, and those with nothing pending leave the memory. */
  finish(run: ActiveRun, state: RunState): void {
    this.changeState(run, state);
    this.runs.delete(run.order.runId);
    this.remember(run.order.runId, run.order.attempt);
    run.queue.inFlight -= 1;
    for (const lineage of run.lineages) {
      delete lineage.run;
      delete lineage.overtaken;
      if (lineage.pending) lineage.queue.ready.add(lineage);
      else this.release(lineage);
    }
    this.refresh(run.queue);
  }

  /** Whether this attempt of the run is known to be over. */
  isFinished(runId: string, attempt: number): boolean {
    return (this.finished.get(runId) ?? 0) >= attempt;
  }

  /** How many runs are remembered because they are over. */
  get endedRuns(): number {
    return this.finished.size;
  }

  remember(runId: string, attempt: number): void {
    const known = this.finished.get(runId) ?? 0;
    this.finished.delete(runId);
    this.finished.set(runId, Math.max(known, attempt));
    if (this.finished.size <= REMEMBERED_RUNS) return;
    for (const oldest of this.finished.keys()) {
      this.finished.delete(oldest);
      break;
    }
  }

  private scheduleRetry(run: ActiveRun): void {
    if (this.planningRule(run.queue.subscription)) this.retries.add(run);
    else this.retries.remove(run);
  }

  private release(lineage: Lineage): void {
    const { queue } = lineage;
    if (!lineage.pending && !lineage.run) {
      this.unindex(lineage);
      queue.lineages.delete(lineage.key);
      const same = this.lineages.get(lineage.key);
      same?.delete(lineage);
      if (same?.size === 0) this.lineages.delete(lineage.key);
    }
    if (queue.lineages.size === 0) this.queues.delete(queue.subscription);
    this.refresh(queue);
  }

  private index(lineage: Lineage): void {
    if (!this.rules.get(lineage.queue.subscription)?.retract) return;
    const about = newestOf(lineage);
    if (about === lineage.about) return;
    this.unindex(lineage);
    if (!about) return;
    lineage.about = about;
    this.subjects.add(lineage.queue.subscription, lineage.group, about);
  }

  private unindex(lineage: Lineage): void {
    if (!lineage.about) return;
    this.subjects.delete(lineage.queue.subscription, lineage.group, lineage.about);
    delete lineage.about;
  }

  private refresh(queue: SubscriptionQueue): void {
    const rule = this.planningRule(queue.subscription);
    if (rule && queue.ready.size > 0 && queue.inFlight < rule.concurrency) this.plannable.add(queue);
    else this.plannable.delete(queue);
  }
}

/** Whether a fact at a revision is newer than what the lineage has planned. */
export function isBeyond(
  seq: number,
  revision: number,
  lineage: Pick<Lineage, 'plannedSeq' | 'plannedRevision'>,
): boolean {
  return seq > lineage.plannedSeq || (seq === lineage.plannedSeq && revision > lineage.plannedRevision);
}

/** The lineages that a run keeps busy, each once: those of its facts, then those of pieces that come after it. */
export function lineagesOf(order: RunOrder): string[] {
  return [...new Set(factsInWork(order).map((fact) => lineageOf(fact.origin, fact.factKey)))];
}

/** The facts of a run, then those of pieces that come after it. */
export function factsInWork({ facts, halving }: RunOrder): readonly RunFact[] {
  return halving ? [...facts, ...halving.rest.flat()] : facts;
}

/** The newest fact of a lineage that waits or is in work. */
function newestOf({ pending, run, lineage }: Lineage): RunFact | undefined {
  if (pending) return pending.fact.fact;
  return run && factsInWork(run.order).find((fact) => lineageOf(fact.origin, fact.factKey) === lineage);
}

function sinceOf({ fact, gathered }: MatchedFact): Since {
  return { seq: fact.seq, ...(gathered && { atMs: gathered.atMs }) };
}

function isDueEarlier(a: ActiveRun, b: ActiveRun): boolean {
  return a.retryAtMs < b.retryAtMs || (a.retryAtMs === b.retryAtMs && a.order.runId < b.order.runId);
}

function isEarlier(a: Lineage, b: Lineage): boolean {
  const [first, second] = [a.pending?.since.seq ?? 0, b.pending?.since.seq ?? 0];
  return first < second || (first === second && a.key < b.key);
}

function windowKey(subscription: string, key: string): string {
  return `${subscription}\u0000${key}`;
}

function lineageKey(group: string, lineage: string): string {
  return `${group}\u0000${lineage}`;
}
