import {
  type Cause,
  compareFacts,
  type ConfigRecord,
  type EndedRecord,
  type Fact,
  factKey,
  formatTime,
  lineageOf,
  orderOfPlanned,
  type PartRecord,
  type RetractPolicy,
  type RunOrder,
  type RunRecord,
  STREAMS,
  timestampMs,
} from '@signalbox/contracts';
import { LineageEnds } from '../../matcher/src/domain/lineage-ends.js';
import { decideMatch } from '../../matcher/src/domain/match-rule.js';
import { PendingWithdrawals } from '../../matcher/src/domain/pending-withdrawals.js';
import { PlannedSince } from '../../matcher/src/domain/planned-since.js';
import { RunPlanner } from '../../matcher/src/domain/run-planner.js';
import type { Rule } from '../../matcher/src/domain/rule.js';
import { StandingParts } from '../../matcher/src/domain/standing-parts.js';
import { matchedFact, retractionOf } from '../../matcher/src/live-facts.js';
import { ConfigModel } from '../../renderer/src/domain/config-model.js';
import { Deciding } from '../../renderer/src/domain/deciding.js';
import { KIND_RULES } from '../../renderer/src/domain/kind-rules.js';
import { EMPTY_SNAPSHOT } from '../../renderer/src/domain/model-snapshot.js';

/** For tests: an hour of a site in a moment, with the rules of matcher and renderer and a clock that is set. */

export const NOON = Date.parse('2026-05-30T12:00:00Z');
export const OBSERVED = 'host.observed';
export const GONE = 'host.gone';
const GROUP = 'edge';
const NODE = 'onprem';
const FAR_MS = 10 * 365 * 86_400_000;

/** A fact as it is said; `seen: false`: it does not match. */
export interface Said {
  readonly about: string;
  readonly type?: string;
  readonly seen?: boolean;
  /** When it was observed, milliseconds before now. */
  readonly agoMs?: number;
  /** The fact that was said last of it is said again with a later expiry. */
  readonly refresh?: boolean;
}

interface Accepted {
  readonly fact: Fact;
  readonly seq: number;
  readonly version: number;
  readonly current: boolean;
  readonly acceptedAt: string;
}

/** A moment at which the effective config became another one. */
export interface Moment {
  readonly atMs: number;
  readonly generation: number;
  /** Names of what stands, sorted. */
  readonly names: readonly string[];
}

/** What the matcher keeps where a start finds it. */
interface Kept {
  readonly position: number;
  readonly planned: number;
  readonly withdrawals: ConstructorParameters<typeof PendingWithdrawals>[0];
}

export class ClaimSite {
  nowMs = NOON;
  readonly moments: Moment[] = [];
  readonly rule: Rule;
  private readonly facts: Accepted[] = [];
  private readonly newest = new Map<string, Accepted>();
  private readonly model = new ConfigModel(EMPTY_SNAPSHOT, KIND_RULES);
  private readonly deciding = new Deciding(this.model, { maxRecordBytes: 1_000_000 });
  private readonly planned: RunOrder[] = [];
  private readonly parts: PartRecord[] = [];
  private records = 0;
  private kept: Kept = { position: 0, planned: 0, withdrawals: [] };
  private position = 0;
  private standing!: StandingParts;
  private planner!: RunPlanner;
  private ends!: LineageEnds;
  private plannedSince = new PlannedSince();

  /** `ttlMs`: of what the plugin makes of a fact, from when it was observed. */
  constructor(
    retract: RetractPolicy | undefined,
    private readonly ttlMs: number,
  ) {
    this.rule = {
      ...{ subscription: 'claims', group: GROUP, plugin: 'to-claim', revision: 1, concurrency: 4 },
      ...{ pluginExists: true, onChange: 'reevaluate' },
      match: { types: [OBSERVED], payload: { seen: 'yes' } },
      retry: { maxAttempts: 1, backoffMs: 1, maxBackoffMs: 1 },
      ...(retract && { retract }),
    };
    this.begin();
  }

  /** A fact is accepted; it is read when the matcher runs. */
  say({ about, type = OBSERVED, seen = true, agoMs = 0, refresh = false }: Said): string {
    const lineage = type === OBSERVED ? `host:${about}` : undefined;
    const last = lineage === undefined ? undefined : this.newest.get(lineageOf(NODE, `key:${lineage}`));
    const seq = this.facts.length + 1;
    if (refresh && last) {
      const fact = { ...last.fact, expiresAt: formatTime(NOON + FAR_MS + seq) };
      this.accept({ ...last, fact, seq, version: last.version + 1 });
      return last.fact.id;
    }
    const id = `f${seq}`;
    const fact: Fact = {
      ...{ id, group: GROUP, sourceNode: NODE, type, subject: about, dedupeKey: lineage ?? id },
      payload: { seen: seen ? 'yes' : 'no' },
      observedAt: formatTime(this.nowMs - agoMs),
      originSequence: seq,
    };
    this.accept({ fact, seq, version: 1, current: true, acceptedAt: '' });
    return id;
  }

  /** The matcher reads what was said. */
  read(): void {
    while (this.position < this.facts.length) {
      const accepted = this.facts[this.position]!;
      this.position += 1;
      this.match(accepted);
    }
    this.plan();
  }

  /** Time goes on; everything happens when it is due. */
  until(atMs: number): void {
    for (;;) {
      const due = [this.ends.pending.nextMs, this.model.nextDueMs()].filter((ms) => ms !== undefined);
      const next = Math.min(...due, atMs);
      this.nowMs = Math.max(this.nowMs, next);
      if (next >= atMs && !due.some((ms) => ms <= atMs)) return;
      this.plan();
    }
  }

  /** What the matcher has to know is written down. */
  keep(): void {
    this.kept = {
      position: this.position,
      planned: this.planned.length,
      withdrawals: [...this.ends.pending.all()],
    };
  }

  /** kill -9 of the matcher, and another one that starts where the last one wrote down. */
  restart(): void {
    this.begin();
    this.read();
  }

  /** Names of what stands, sorted. */
  names(): string[] {
    return this.model.render().map(({ resource }) => resource.metadata.name);
  }

  get generation(): number {
    return this.model.generation();
  }

  /** Reasons of what was withdrawn or expired. */
  get endings(): string[] {
    return this.parts.flatMap((record) =>
      record.type === 'withdrawn' || record.type === 'expired' ? [record.reason] : [],
    );
  }

  get pending(): PendingWithdrawals {
    return this.ends.pending;
  }

  private begin(): void {
    this.standing = new StandingParts();
    this.planner = new RunPlanner({ pending: [], runs: [] });
    this.ends = new LineageEnds(this.planner, this.standing, new PendingWithdrawals(this.kept.withdrawals));
    this.position = this.kept.position;
    this.plannedSince = new PlannedSince();
    for (const order of this.planned.slice(this.kept.planned)) this.plannedSince.add(order);
    this.planner.setRule(this.rule);
    this.standing.retracts(this.rule.subscription);
    for (const record of this.parts) this.standing.fold(record);
    for (const accepted of this.facts.slice(0, this.position)) this.remember(accepted);
  }

  private accept(accepted: Accepted): void {
    const { fact } = accepted;
    const lineage = lineageOf(fact.sourceNode, factKey(fact));
    const before = this.newest.get(lineage);
    const current = !before || before.fact.id === fact.id || compareFacts(before.fact, fact) < 0;
    const stored = { ...accepted, current, acceptedAt: formatTime(this.nowMs) };
    this.facts.push(stored);
    if (current) this.newest.set(lineage, stored);
  }

  private remember(accepted: Accepted): void {
    const retraction = this.isRetracting(accepted) ? retractionOf(accepted) : undefined;
    if (retraction) this.ends.retractions.add(GROUP, retraction);
  }

  private isRetracting({ fact, current }: Accepted): boolean {
    return current && (this.rule.retract?.types.includes(fact.type) ?? false);
  }

  private match(accepted: Accepted): void {
    const { fact, seq, version, current, acceptedAt } = accepted;
    const { rule, ends, nowMs } = this;
    this.remember(accepted);
    const retraction = this.isRetracting(accepted) ? retractionOf(accepted) : undefined;
    if (retraction) ends.retract(rule, retraction);
    const matched = matchedFact(fact, seq, version, true);
    const decision = decideMatch(rule, fact, { current, nowMs });
    if (!decision.matched) {
      const lineage = lineageOf(fact.sourceNode, factKey(fact));
      const by = { id: fact.id, seq };
      const end = { subscription: rule.subscription, group: GROUP, lineage, reason: decision.message, by };
      const isWaiting = this.planner.subscriptionsOf(GROUP, lineage).length > 0;
      if (current && (isWaiting || this.standing.subscriptionsOf(GROUP, lineage, seq).size > 0))
        this.send(ends.end(rule, end, timestampMs(acceptedAt), nowMs));
      return;
    }
    if (ends.isTakenBack(rule, matched)) return;
    ends.matched(rule.subscription, GROUP, matched.fact);
    if (this.plannedSince.has(rule.subscription, GROUP, matched.fact, rule.revision)) return;
    this.send(this.planner.matched(rule.subscription, GROUP, matched, nowMs));
  }

  private plan(): void {
    this.send(this.ends.decideDue(this.nowMs));
    for (;;) {
      const records = this.planner.decidePlans(this.nowMs);
      if (records.length === 0) return this.settle();
      this.send(records);
    }
  }

  private send(records: readonly RunRecord[]): void {
    for (const record of records) {
      this.planner.applyRun(record);
      if (record.type === 'planned' && record.trigger === undefined) {
        this.planned.push(orderOfPlanned(record));
        this.run(orderOfPlanned(record));
      } else if (record.type === 'withdrawn') this.decide(record);
    }
  }

  private run(order: RunOrder): void {
    const observedAt = this.facts[order.facts[0]!.seq - 1]!.fact.observedAt;
    const ended: EndedRecord = {
      type: 'ended',
      at: formatTime(this.nowMs),
      order,
      outcome: 'proposed',
      part: {
        observedAt,
        expiresAt: formatTime(timestampMs(observedAt) + this.ttlMs),
        resources: order.facts.map(({ subject }) => ({
          apiVersion: 'example.net/v1',
          kind: 'SeenHost',
          metadata: { name: subject },
          spec: {},
        })),
        directives: [],
        actionPlans: [],
      },
    };
    this.planner.applyRun(ended);
    this.decide(ended);
  }

  private decide(record: Parameters<Deciding['run']>[0]): void {
    this.take(this.deciding.run(record, this.cause(), this.nowMs));
  }

  private settle(): void {
    this.take(this.deciding.settle(this.cause(), this.nowMs));
  }

  private take(records: readonly ConfigRecord[]): void {
    for (const record of records) {
      if (record.type === 'generation') {
        this.moments.push({ atMs: this.nowMs, generation: record.generation, names: this.names() });
        continue;
      }
      this.parts.push(record);
      this.standing.fold(record);
      this.planner.applyPart(record);
    }
  }

  private cause(): Cause {
    this.records += 1;
    return { stream: STREAMS.activity, seq: this.records };
  }
}
