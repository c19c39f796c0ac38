import { type Ack, type Bus, WrongSequenceError } from '@signalbox/bus';
import {
  BOUNDS,
  CodedError,
  type Fact,
  type FactRecord,
  factSubject,
  type FactWay,
  formatTime,
} from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { decideFact, type FactDecision, type StoreDecision, withFirstContent } from './domain/decide-fact.js';
import type { FactAnswer } from './fact-intake.js';
import { type FactIdentity, GroupMemory, identityOf, type LookUp } from './group-memory.js';
import { storedFact } from './stored-fact.js';

/**
 * Bounds of one group's intake: facts in line, in one batch, decided but not answered, stored but not in the table;
 * milliseconds that a fact may wait to be stored.
 */
export const INTAKE_BOUNDS: Record<'queue' | 'batch' | 'unanswered' | 'unprojected' | 'waitMs', number> = {
  queue: BOUNDS.factsInLine,
  batch: 500,
  unanswered: 2000,
  unprojected: BOUNDS.factsUnprojected,
  waitMs: 5000,
};

/** So many facts in line are worth a look-up of their own while others wait for their acks; fewer wait as well. */
const WORTH_A_BATCH = 64;

interface Offer {
  readonly fact: Fact;
  readonly identity: FactIdentity;
  readonly own: boolean;
  readonly way: FactWay;
  readonly deadline: number;
  /** The content that was sent had to give way to the first one of the id. */
  readonly keptFirst?: true;
  readonly answer: FactAnswer;
}

/** An offer whose record was sent: the sequence that it gets if all goes well, and the ack to come. */
interface Sent {
  readonly offer: Offer;
  readonly decision: StoreDecision;
  readonly seq: number;
  readonly ack: Promise<Ack>;
}

const NOTHING_SENT = Promise.resolve(undefined);

/** An offer of which nothing has to be stored. */
interface Settled {
  readonly offer: Offer;
  readonly decision:
    Exclude<FactDecision, StoreDecision> | { readonly outcome: 'refused'; readonly error: unknown };
}

/**
 * Decides and stores the facts of one group, in batches. It is the only writer of `FACTS_<group>`: every record demands
 * the stream's last sequence, so a second writer or a lost ack is noticed at once.
 *
 * The next batch is decided while earlier ones wait for their acks, on what memory says of them. Answers are given in
 * the order of the decisions, and only when everything that they rest on is stored: when a record fails, so do those
 * behind it, whose sequence it had to come before, and all that was decided behind it is decided again.
 */
export class GroupIntake {
  private queue: Offer[] = [];
  /** Decided on what did not come true, in order: in line before the queue once nothing is unanswered. */
  private again: Offer[] = [];
  private readonly memory: GroupMemory;
  /** Undefined when in doubt. */
  private lastSeq: number | undefined;
  private unanswered = 0;
  /** Resolves when all that was decided so far is answered or in line again. */
  private answered: Promise<void> = Promise.resolve();
  private working = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly group: string,
    private readonly bus: Bus,
    dataSource: DataSource,
    private readonly now: () => number,
  ) {
    this.memory = new GroupMemory(group, bus, dataSource);
  }

  /** Facts in line. */
  get waiting(): number {
    return this.queue.length + this.again.length;
  }

  /** Facts that the table does not show yet. */
  get remembered(): number {
    return this.memory.size;
  }

  /** Answers when the fact is durable; see FactAnswer for what refuses it. */
  offer(fact: Fact, own: boolean, way: FactWay, answer: FactAnswer): void {
    if (this.queue.length >= INTAKE_BOUNDS.queue) {
      const message = `more than ${INTAKE_BOUNDS.queue} facts wait to be stored: send again later`;
      return answer.refused(new CodedError('not-ready', message));
    }
    if (this.memory.unprojected >= INTAKE_BOUNDS.unprojected) {
      const message = `more than ${INTAKE_BOUNDS.unprojected} facts are not in the table yet: see the disk of Postgres, and send again later`;
      return answer.refused(new CodedError('store-unavailable', message));
    }
    const deadline = this.now() + INTAKE_BOUNDS.waitMs;
    this.queue.push({ fact, identity: identityOf(fact), own, way, deadline, answer });
    if (!this.working) void this.work();
    else if (this.queue.length === WORTH_A_BATCH) this.wake();
  }

  /** The table shows everything up to `seq`: memory may forget it. */
  projected(seq: number): void {
    this.memory.projected(seq);
  }

  private async work(): Promise<void> {
    this.working = true;
    await Promise.resolve();
    while (this.queue.length > 0 || this.again.length > 0) {
      if (this.mustWait()) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      if (this.again.length > 0) this.queue = [...this.again.splice(0), ...this.queue];
      const batch = this.queue.splice(0, INTAKE_BOUNDS.batch);
      try {
        await this.decide(batch);
      } catch (error) {
        this.lastSeq = undefined;
        const reason = error instanceof CodedError ? error : unavailable(error);
        for (const { answer } of batch) answer.refused(reason);
      }
    }
    this.working = false;
  }

  /** In doubt, memory can be read again only when it is known what became of everything that was sent. */
  private mustWait(): boolean {
    if (this.unanswered === 0) return false;
    const isInDoubt = this.lastSeq === undefined;
    return isInDoubt || this.queue.length < WORTH_A_BATCH || this.unanswered >= INTAKE_BOUNDS.unanswered;
  }

  private async decide(batch: readonly Offer[]): Promise<void> {
    this.lastSeq ??= await this.memory.readAgain(INTAKE_BOUNDS.waitMs);
    const found = await this.memory.lookUp(batch);
    if (this.lastSeq === undefined) {
      // an earlier record failed meanwhile: memory knows of facts that are not stored
      this.queue.unshift(...batch);
      return;
    }
    const decided = batch.map((offer) => this.decideOne(offer, found));
    this.unanswered += decided.length;
    const acks = Promise.allSettled(decided.map((one) => ('ack' in one ? one.ack : NOTHING_SENT)));
    this.answered = this.answered.then(() => this.answer(decided, acks));
  }

  private decideOne(offer: Offer, found: LookUp): Sent | Settled {
    const { fact, identity, own } = offer;
    try {
      const [known, newest] = this.memory.of(offer, found);
      const place = { own, nextSeq: this.lastSeq! + 1 };
      const decision = decideFact(fact, known, newest, place, identity.digest);
      return decision.outcome === 'store' ? this.append(offer, decision) : { offer, decision };
    } catch (error) {
      return { offer, decision: { outcome: 'refused', error } };
    }
  }

  /** Sends one record and remembers it; the ack is awaited with the whole batch. */
  private append(offer: Offer, decision: StoreDecision): Sent {
    const { fact, change, version, current } = decision;
    const { own, way, identity } = offer;
    const expected = this.lastSeq!;
    const seq = expected + 1;
    const acceptedAt = formatTime(this.now());
    const record: FactRecord = { fact, own, change, version, current, way, acceptedAt };
    const subject = factSubject(this.group, own, identity.key, fact.type);
    // no message id: one that is sent again after its ack was lost demands a sequence that is taken
    const ack = this.bus.publisher.publishJson(subject, record, { expectLastSeq: expected });
    this.lastSeq = seq;
    this.memory.remember(decision, identity, seq);
    return { offer, decision, ack, seq };
  }

  /** Called for one batch after the other, in the order in which they were decided. Must not throw. */
  private async answer(
    decided: readonly (Sent | Settled)[],
    acks: Promise<readonly PromiseSettledResult<Ack | undefined>[]>,
  ): Promise<void> {
    const outcomes = await acks;
    const givesWay: { offer: Offer; seq: number }[] = [];
    for (const [index, one] of decided.entries()) {
      const outcome = outcomes[index]!;
      const { offer } = one;
      if (outcome.status === 'rejected') this.fail(offer, outcome.reason);
      else if ('ack' in one) this.stored(one, outcome.value!);
      else if (this.lastSeq === undefined) this.again.push(offer);
      else if (one.decision.outcome === 'keep-first') givesWay.push({ offer, seq: one.decision.seq });
      else if (one.decision.outcome === 'refused') offer.answer.refused(one.decision.error);
      else acceptDuplicate(offer, one.decision.seq, one.decision.otherContent);
    }
    for (const { offer, seq } of givesWay) await this.keepFirst(offer, seq);
    this.unanswered -= decided.length;
    if (this.working) this.wake();
    else if (this.queue.length > 0 || this.again.length > 0) void this.work();
  }

  private stored({ offer, decision, seq }: Sent, ack: Ack): void {
    if (ack.seq !== seq) this.lastSeq = undefined;
    offer.answer.accepted({
      accepted: true,
      id: offer.fact.id,
      duplicate: offer.keptFirst ?? false,
      refreshed: decision.change === 'refresh',
      seq: ack.seq,
      ...(offer.keptFirst && { keptFirst: true }),
    });
  }

  private fail(offer: Offer, reason: unknown): void {
    this.lastSeq = undefined;
    if (mayTryAgain(reason) && this.now() < offer.deadline) this.again.push(offer);
    else offer.answer.refused(reason instanceof CodedError ? reason : unavailable(reason));
  }

  /**
   * Puts an offer with a later expiry and other content in line again, with the content that its id has. It is read
   * from the stream: only there is it whole, and peers that change what they said are rare.
   */
  private async keepFirst(offer: Offer, seq: number): Promise<void> {
    if (offer.keptFirst) return acceptDuplicate(offer, seq, true);
    try {
      const first = await storedFact(this.bus, this.group, seq, INTAKE_BOUNDS.waitMs);
      if (first) {
        const fact = withFirstContent(offer.fact, first);
        this.queue.unshift({ ...offer, fact, identity: identityOf(fact), keptFirst: true });
      } else if (this.lastSeq === undefined) this.queue.unshift(offer);
      else acceptDuplicate(offer, seq, true);
    } catch (error) {
      offer.answer.refused(unavailable(error));
    }
  }
}

function acceptDuplicate(offer: Offer, seq: number, otherContent: boolean): void {
  const keptFirst = offer.keptFirst ?? otherContent;
  offer.answer.accepted({
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
