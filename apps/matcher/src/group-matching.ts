import { type Bus, Follower, getLast, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  decodeFactRecord,
  decodeMatchRecord,
  factsStream,
  formatTime,
  type MatchRecord,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { Serial } from '@signalbox/runtime';
import { MatchIndex } from './domain/match-index.js';
import { decideMatch } from './domain/match-rule.js';
import type { Rule } from './domain/rule.js';
import { matchedFact } from './live-facts.js';
import type { Match, MatchStore } from './match-store.js';
import type { Planning } from './planning.js';

/** What the matching of a group works with. */
export interface MatchingParts {
  readonly bus: Bus;
  readonly store: MatchStore;
  readonly planning: Planning;
  /** The lock under which rules change, facts match and runs are planned. */
  readonly serial: Serial;
  readonly now: () => number;
}

/** Matches the facts of one group with the rules in force, from where the last start stopped. */
export class GroupMatching {
  readonly index = new MatchIndex();
  /** Matches that are planned and not yet in the table, in the order in which they were found. */
  private readonly unsaved = new Map<string, Match>();
  private follower: Follower | undefined;
  private created = '';
  private seq = 0;
  private readAgain = true;
  private lastRevision = 0;

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
  get position(): number {
    return this.seq;
  }

  /** Revision of the last match record, 0 when there is none. */
  get revision(): number {
    return this.lastRevision;
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

  /** Saves matches and whatever the position would otherwise leave behind. */
  async save(matches: readonly Match[]): Promise<void> {
    this.remember(matches);
    const saving = [...this.unsaved];
    const found = saving.map(([, match]) => match);
    await this.parts.store.save(this.group, this.created, this.seq, found);
    for (const [key] of saving) this.unsaved.delete(key);
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  /** A batch comes again when its matches could not be saved: then saving them is all that is left to do. */
  private async handle(batch: readonly StreamMessage[]): Promise<void> {
    const { store, planning, serial } = this.parts;
    await serial.run(async () => {
      const fresh = batch.filter(({ seq }) => seq > this.seq);
      const found = fresh.flatMap((message) => this.match(message));
      const matches = this.readAgain ? await store.unplanned(this.group, found) : found;
      await planning.matched(matches);
      await planning.plan();
      this.remember(matches);
      this.seq = batch[batch.length - 1]!.seq;
    });
    await this.save([]);
  }

  private remember(matches: readonly Match[]): void {
    for (const match of matches) {
      const { subscription, revision, matched } = match;
      this.unsaved.set(`${matched.fact.seq} ${revision} ${subscription}`, match);
    }
  }

  private match(message: StreamMessage): Match[] {
    const record = readRecord(this.parts.bus.log, message, decodeFactRecord);
    if (!record) return [];
    const { seq } = message;
    const { fact, current, version } = record;
    const context = { current, nowMs: this.parts.now() };
    return this.index
      .candidates(fact)
      .filter((rule: Rule) => decideMatch(rule, fact, context).matched)
      .map(({ subscription, revision }) => ({
        subscription,
        revision,
        group: this.group,
        matched: matchedFact(fact, seq, version),
      }));
  }
}
