import { type Bus, Follower, getLast, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  decodeFactRecord,
  decodeMatchRecord,
  type Fact,
  factsStream,
  formatTime,
  type MatchRecord,
  STREAMS,
  SUBJECTS,
  timestampMs,
} from '@signalbox/contracts';
import type { Position } from '@signalbox/store';
import { MatchIndex } from './domain/match-index.js';
import { decideMatch, type MatchContext } from './domain/match-rule.js';
import type { Rule } from './domain/rule.js';
import type { MatchedFact } from './domain/run-order.js';
import { gatheredFact, matchedFact, retractionOf, type StoredFact } from './live-facts.js';
import type { Checkpoints } from './checkpoints.js';
import type { Match } from './match.js';
import type { MatchStore } from './match-store.js';
import type { Planning } from './planning.js';

/** What the matching of a group works with. */
export interface MatchingParts {
  readonly bus: Bus;
  readonly store: MatchStore;
  readonly planning: Planning;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
}

/** Matches the facts of one group with the rules in force, from where the last start stopped. */
export class GroupMatching {
  readonly index = new MatchIndex();
  private follower: Follower | undefined;
  private created = '';
  private seq = 0;
  private readAgain = true;
  private lastRevision = 0;
  /** Types that retract of which the facts up to the position are remembered. */
  private readonly remembered = new Set<string>();

  constructor(
    readonly group: string,
    private readonly parts: MatchingParts,
  ) {}

  /** Loads the position and the revision that was last in force. */
  async load(): Promise<void> {
    const { seq, created } = await this.parts.store.positionOf(this.group);
    this.created = created;
    this.seq = seq;
    const last = await getLast(this.parts.bus, STREAMS.activity, SUBJECTS.matchActivity(this.group));
    const record = last && readRecord(this.parts.bus.log, last, decodeMatchRecord);
    if (record) this.lastRevision = record.revision;
  }

  /** Last fact that was matched. */
  get position(): Position {
    return { seq: this.seq, streamCreated: this.created };
  }

  /** Revision of the last match record, 0 when there is none. */
  get revision(): number {
    return this.lastRevision;
  }

  /** Resolves when everything that was there at the start is matched. */
  get caughtUp(): Promise<void> {
    return this.follower?.caughtUp ?? Promise.resolve();
  }

  /** Records that from the next fact on the rules of `revision` decide. */
  async switchTo(revision: number, reevaluated: readonly string[]): Promise<void> {
    const record: MatchRecord = {
      revision,
      fromSeq: this.seq + 1,
      reevaluated,
      at: formatTime(this.parts.now()),
    };
    await this.parts.bus.publisher.publishJson(SUBJECTS.matchActivity(this.group), record, {
      msgId: `match:${this.group}:${revision}:${record.fromSeq}`,
    });
    this.lastRevision = revision;
  }

  /** Whether facts are read. */
  get isReading(): boolean {
    return this.follower !== undefined;
  }

  /**
   * A fact that was matched before: what an older fact of its lineage led to ends where it does not match, and what it led to itself
   * where it was taken back. `hasDecided`: whether a rule was in force for it.
   */
  lookAgain({ fact, seq, version, acceptedAt }: StoredFact, hasDecided: (rule: Rule) => boolean): void {
    const context = { current: true, nowMs: this.parts.now() };
    const rules = this.matchingRules(fact, context);
    this.endUnmatched(
      fact,
      matchedFact(fact, seq, version),
      rules,
      context,
      timestampMs(acceptedAt),
      hasDecided,
    );
    for (const rule of rules)
      if (rule.retract) this.parts.planning.lookAgain(rule, matchedFact(fact, seq, version, true));
  }

  /** Types that retract under these rules and of which the facts up to the position are not remembered yet. */
  unknownTypes(rules: Iterable<Rule>): string[] {
    const types = new Set([...rules].flatMap(({ retract }) => retract?.types ?? []));
    // what no rule asks for is not remembered from now on
    for (const type of this.remembered) if (!types.has(type)) this.remembered.delete(type);
    return [...types].filter((type) => !this.remembered.has(type));
  }

  /** What retracts is remembered of these types: the stored facts up to the position, and from now on what is read. */
  remember(types: readonly string[], facts: readonly StoredFact[]): void {
    for (const fact of facts) {
      const retraction = retractionOf(fact);
      if (retraction) this.parts.planning.remember(this.group, retraction);
    }
    for (const type of types) this.remembered.add(type);
  }

  /** Starts to read facts. Facts that were read before the last stop are compared with what was planned. */
  start(): void {
    if (this.follower) return;
    const follower = new Follower(this.parts.bus, {
      service: 'matcher',
      name: `facts of ${this.group}`,
      stream: factsStream(this.group),
      fromSeq: this.seq + 1,
      onBatch: (batch) => this.handle(batch),
    });
    this.follower = follower;
    void follower.caughtUp.then(() => (this.readAgain = false));
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  /** No more facts than NATS takes plans for: what is decided waits in memory. */
  private async handle(batch: readonly StreamMessage[]): Promise<void> {
    const { planning, checkpoints } = this.parts;
    await planning.turn(() => {
      for (const message of batch) if (message.seq > this.seq) planning.matched(this.match(message));
      planning.plan();
      this.seq = batch[batch.length - 1]!.seq;
    });
    checkpoints.soon();
    await planning.room();
  }

  private match(message: StreamMessage): Match[] {
    const record = readRecord(this.parts.bus.log, message, decodeFactRecord);
    if (!record) return [];
    const { seq } = message;
    const { fact, current, version } = record;
    const { planning } = this.parts;
    planning.facts.put(this.group, seq, fact, message.data.byteLength);
    const { group } = this;
    const context = { current, nowMs: this.parts.now() };
    if (current) this.retract({ ...record, seq });
    const rules = this.matchingRules(fact, context);
    const matched = matchedFact(fact, seq, version);
    // the time that a start finds again; ours is later, unless the clock was set back
    const cameMs = Math.min(timestampMs(record.acceptedAt), context.nowMs);
    if (current) this.endUnmatched(fact, matched, rules, context, cameMs);
    return rules.flatMap((rule) => {
      const { subscription, batch, onChange } = rule;
      // what was planned under an earlier one stays with it where a change is for new facts only
      const revision = onChange === 'ignore' ? 0 : rule.revision;
      const aged = rule.retract ? matchedFact(fact, seq, version, true) : matched;
      if (rule.retract && planning.isTakenBack(rule, aged)) return [];
      planning.stays(rule, matched);
      if (this.readAgain && planning.plannedSince.has(subscription, group, matched.fact, revision)) return [];
      return [
        {
          subscription,
          revision: rule.revision,
          group,
          matched: batch ? gatheredFact(aged, fact, cameMs) : aged,
        },
      ];
    });
  }

  /** A fact of a type that retracts, in its order. */
  private retract(stored: StoredFact): void {
    const rules = [...this.index.retractedBy(stored.fact)];
    const retraction = rules.length > 0 ? retractionOf(stored) : undefined;
    if (retraction) this.parts.planning.retract(rules, this.group, retraction);
  }

  private matchingRules(fact: Fact, context: MatchContext): Rule[] {
    return this.index.candidates(fact).filter((rule) => decideMatch(rule, fact, context).matched);
  }

  /** What an older fact of the lineage led to ends where this one does not match. Time alone ends nothing. */
  private endUnmatched(
    fact: Fact,
    matched: MatchedFact,
    rules: readonly Rule[],
    context: MatchContext,
    cameMs: number,
    hasDecided: (rule: Rule) => boolean = () => true,
  ): void {
    const { planning } = this.parts;
    for (const subscription of planning.concernedBy(this.group, matched)) {
      const rule = this.index.get(subscription);
      if (!rule || rules.includes(rule) || !hasDecided(rule)) continue;
      const decision = decideMatch(rule, fact, context);
      if (!decision.matched && decision.clause !== 'expired')
        planning.unmatched(rule, matched, decision.message, cameMs);
    }
  }
}
