import { type Bus, Follower, readRecord, WrongSequenceError } from '@signalbox/bus';
import {
  CodedError,
  decodeFactRecord,
  type Fact,
  factKey,
  type FactRecord,
  factsStream,
  factSubject,
  type FactWay,
  formatTime,
  sha256Hex,
} from '@signalbox/contracts';
import {
  findIndexed,
  findNewest,
  factsProjectionName,
  lineageKey,
  loadPosition,
  streamCreated,
} from '@signalbox/store';
import type { DataSource } from 'typeorm';
import {
  decideFact,
  type FactDecision,
  knownAfter,
  type KnownFact,
  type NewestFact,
  withFirstContent,
} from './domain/decide-fact.js';
import type { IntakeResult } from './fact-intake.js';
import { storedFact } from './stored-fact.js';

/** Bounds of one group's intake. */
export const INTAKE_BOUNDS = { queue: 20_000, batch: 500, waitMs: 5000 } as const;

interface Offer {
  readonly fact: Fact;
  readonly lineage: string;
  readonly own: boolean;
  readonly way: FactWay;
  readonly deadline: number;
  /** The content that was sent had to give way to the first one of the id. */
  readonly keptFirst?: true;
  readonly resolve: (result: IntakeResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Stored {
  readonly offer: Offer;
  readonly decision: Extract<FactDecision, { outcome: 'store' }>;
  readonly ack: Promise<unknown>;
  readonly seq: number;
}

/**
 * Decides and stores the facts of one group, in batches, one batch at a time. It is the only writer of
 * `FACTS_<group>`: every record demands the stream's last sequence, so a second writer or a lost ack is noticed at once.
 * Records that the table does not show yet are held in memory; after any doubt memory is read again from the stream.
 */
export class GroupIntake {
  private queue: Offer[] = [];
  private readonly known = new Map<string, KnownFact>();
  private readonly newest = new Map<string, NewestFact & { seq: number }>();
  private lastSeq: number | undefined;
  private working = false;

  constructor(
    private readonly group: string,
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly now: () => number,
  ) {}

  /** Resolves when the fact is durable; see FactIntake.submit for what is thrown. */
  submit(fact: Fact, own: boolean, way: FactWay): Promise<IntakeResult> {
    if (this.queue.length >= INTAKE_BOUNDS.queue) {
      return Promise.reject(
        new CodedError(
          'not-ready',
          `more than ${INTAKE_BOUNDS.queue} facts wait to be stored: send again later`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const lineage = lineageKey(fact.sourceNode, factKey(fact));
      this.queue.push({
        fact,
        lineage,
        own,
        way,
        deadline: this.now() + INTAKE_BOUNDS.waitMs,
        resolve,
        reject,
      });
      if (!this.working) void this.work();
    });
  }

  /** The table shows everything up to `seq`: memory may forget it. */
  projected(seq: number): void {
    for (const [id, fact] of this.known) {
      if (fact.seq > seq) break;
      this.known.delete(id);
    }
    for (const [lineage, fact] of this.newest) {
      if (fact.seq > seq) break;
      this.newest.delete(lineage);
    }
  }

  private async work(): Promise<void> {
    this.working = true;
    await Promise.resolve();
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, INTAKE_BOUNDS.batch);
      this.queue = this.queue.slice(INTAKE_BOUNDS.batch);
      try {
        await this.store(batch);
      } catch (error) {
        this.lastSeq = undefined;
        const reason = error instanceof CodedError ? error : unavailable(error);
        for (const offer of batch) offer.reject(reason);
      }
    }
    this.working = false;
  }

  private async store(batch: readonly Offer[]): Promise<void> {
    if (this.lastSeq === undefined) await this.sync();
    const look = await this.lookUp(batch);
    const stored: Stored[] = [];
    const givesWay: { offer: Offer; seq: number }[] = [];
    for (const offer of batch) {
      try {
        const { fact, lineage } = offer;
        const decision = decideFact(
          fact,
          this.known.get(fact.id) ?? look.ids.get(fact.id),
          this.newest.get(lineage) ?? look.newest.get(lineage),
          { own: offer.own, nextSeq: this.lastSeq! + 1 },
        );
        if (decision.outcome === 'store') stored.push(this.append(offer, decision));
        else if (decision.outcome === 'keep-first') givesWay.push({ offer, seq: decision.seq });
        else resolveDuplicate(offer, decision.seq, decision.otherContent);
      } catch (error) {
        offer.reject(error);
      }
    }
    await this.settle(stored);
    for (const { offer, seq } of givesWay) await this.keepFirst(offer, seq);
  }

  /** Sends one record and remembers it; the ack is awaited with the whole batch. */
  private append(offer: Offer, decision: Stored['decision']): Stored {
    const { fact, change, version, current } = decision;
    const expected = this.lastSeq!;
    const seq = expected + 1;
    const record: FactRecord = {
      fact,
      own: offer.own,
      change,
      version,
      current,
      way: offer.way,
      acceptedAt: formatTime(this.now()),
    };
    const ack = this.bus.publisher.publishJson(
      factSubject(this.group, offer.own, factKey(fact), fact.type),
      record,
      {
        msgId: sha256Hex(`${this.group}\0${fact.sourceNode}\0${fact.id}\0${version}`),
        expectLastSeq: expected,
      },
    );
    this.lastSeq = seq;
    this.remember(fact.id, offer.lineage, knownAfter(decision, seq), current);
    return { offer, decision, ack, seq };
  }

  private async settle(stored: readonly Stored[]): Promise<void> {
    const acks = await Promise.allSettled(stored.map(({ ack }) => ack));
    const again: Offer[] = [];
    for (const [index, { offer, decision, seq }] of stored.entries()) {
      const outcome = acks[index]!;
      if (outcome.status === 'fulfilled') {
        const ack = outcome.value as { seq: number };
        if (ack.seq !== seq) this.lastSeq = undefined;
        offer.resolve({
          accepted: true,
          id: offer.fact.id,
          duplicate: offer.keptFirst ?? false,
          refreshed: decision.change === 'refresh',
          seq: ack.seq,
          ...(offer.keptFirst && { keptFirst: true }),
        });
        continue;
      }
      this.lastSeq = undefined;
      if (mayTryAgain(outcome.reason) && this.now() < offer.deadline) again.push(offer);
      else offer.reject(outcome.reason instanceof CodedError ? outcome.reason : unavailable(outcome.reason));
    }
    this.queue = [...again, ...this.queue];
  }

  /**
   * Puts an offer with a later expiry and other content in line again, with the content that its id has. It is read
   * from the stream: only there is it whole, and peers that change what they said are rare.
   */
  private async keepFirst(offer: Offer, seq: number): Promise<void> {
    if (offer.keptFirst) return resolveDuplicate(offer, seq, true);
    try {
      const first = await storedFact(this.bus, this.group, seq, INTAKE_BOUNDS.waitMs);
      if (first) {
        const fact = withFirstContent(offer.fact, first);
        const lineage = lineageKey(fact.sourceNode, factKey(fact));
        this.queue.unshift({ ...offer, fact, lineage, keptFirst: true });
      } else if (this.lastSeq === undefined) this.queue.unshift(offer);
      else resolveDuplicate(offer, seq, true);
    } catch (error) {
      offer.reject(unavailable(error));
    }
  }

  /** One bulk query for ids and one for lineages, for what memory does not know. */
  private async lookUp(
    batch: readonly Offer[],
  ): Promise<{ ids: Map<string, KnownFact>; newest: Map<string, NewestFact> }> {
    const ids = new Map<string, KnownFact>();
    const newest = new Map<string, NewestFact>();
    for (const { fact, lineage } of batch) {
      const [known, latest] = [this.known.get(fact.id), this.newest.get(lineage)];
      if (known) ids.set(fact.id, known);
      if (latest) newest.set(lineage, latest);
    }
    const unknownIds = [...new Set(batch.map(({ fact }) => fact.id))].filter((id) => !ids.has(id));
    const unknownLineages = [...new Set(batch.map(({ lineage }) => lineage))].filter(
      (lineage) => !newest.has(lineage),
    );
    const [indexed, latest] = await Promise.all([
      findIndexed(this.dataSource, this.group, unknownIds),
      findNewest(this.dataSource, this.group, unknownLineages),
    ]);
    for (const row of indexed) ids.set(row.id, row);
    for (const row of latest) newest.set(row.lineage, row);
    return { ids, newest };
  }

  /** Reads what the table does not show yet, and the stream's last sequence. */
  private async sync(): Promise<void> {
    await this.bus.untilUp(INTAKE_BOUNDS.waitMs);
    const stream = factsStream(this.group);
    const created = await streamCreated(this.bus, stream);
    const position = await loadPosition(
      this.dataSource.manager,
      factsProjectionName(this.group),
      stream,
      created,
    );
    this.known.clear();
    this.newest.clear();
    const follower = new Follower(this.bus, {
      service: 'ingest',
      name: `facts of ${this.group}`,
      stream,
      fromSeq: position + 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(this.bus.log, message, decodeFactRecord);
          if (!record) continue;
          const { fact, change, version, current } = record;
          const known = knownAfter({ outcome: 'store', fact, change, version, current }, message.seq);
          this.remember(fact.id, lineageKey(fact.sourceNode, factKey(fact)), known, current);
        }
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await follower.stop();
    const { state } = await this.bus.manager.streams.info(stream);
    this.lastSeq = state.last_seq;
  }

  /** Maps stay ordered by sequence, so that `projected` can stop at the first entry that is too new. */
  private remember(id: string, lineage: string, known: KnownFact, current: boolean): void {
    this.known.delete(id);
    this.known.set(id, known);
    if (!current) return;
    this.newest.delete(lineage);
    const { observedAt, originSequence, seq } = known;
    this.newest.set(lineage, {
      observedAt,
      ...(originSequence !== undefined && { originSequence }),
      id,
      seq,
    });
  }
}

function resolveDuplicate(offer: Offer, seq: number, otherContent: boolean): void {
  const keptFirst = offer.keptFirst ?? otherContent;
  offer.resolve({
    accepted: true,
    id: offer.fact.id,
    duplicate: true,
    refreshed: false,
    seq,
    ...(keptFirst && { keptFirst: true }),
  });
}

function mayTryAgain(error: unknown): boolean {
  return (
    error instanceof WrongSequenceError || (error instanceof CodedError && error.code === 'nats-unavailable')
  );
}

function unavailable(cause: unknown): CodedError {
  return new CodedError(
    'store-unavailable',
    'the fact could not be stored now: send it again with the same id',
    [],
    { cause },
  );
}
