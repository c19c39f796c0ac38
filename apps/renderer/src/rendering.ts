import { Inject, Injectable } from '@nestjs/common';
import { Bus, Follower, getLast, readRecord, RecordLog, type StreamMessage } from '@signalbox/bus';
import {
  type Cause,
  type Changeset,
  CodedError,
  type ConfigPlan,
  type ConfigPlanQuestion,
  type ConfigRecord,
  configSubjectOf,
  decodeRunBatch,
  formatTime,
  type PartRef,
  STREAMS,
  SUBJECTS,
  timestampMs,
  type TryPartAnswer,
  type TryPartRequest,
} from '@signalbox/contracts';
import { Clock, LOG, type Log, Metrics, Serial } from '@signalbox/runtime';
import type { ResourceBook } from '@signalbox/store';
import { DecidedPosition } from './decided-position.js';
import { CLOCK_CAUSE, ConfigModel } from './domain/config-model.js';
import { proposalOfRun } from './domain/decide-proposal.js';
import { type DecidedRun, Deciding } from './domain/deciding.js';
import { KIND_RULES } from './domain/kind-rules.js';
import { EMPTY_SNAPSHOT } from './domain/model-snapshot.js';
import { ModelLoader } from './model-loader.js';

/** Longest timer Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Pause before a failed engine loads again. Milliseconds. */
const RELOAD_MS = 500;

/** A message that was appended, and the last one so far that changes what balances traffic. */
export interface Appended {
  readonly seq: number;
  readonly traffic?: number;
}

/**
 * The model with its effects. Inputs (proposals, withdrawals, changesets, the clock) take turns under one lock, in which
 * they are decided and folded; what a turn decides is appended as one message and awaited outside of it. A record that
 * cannot be stored leaves the model ahead of the stream, so it is loaded again from tables and stream.
 */
@Injectable()
export class Rendering {
  private model = new ConfigModel(EMPTY_SNAPSHOT, KIND_RULES);
  private deciding: Deciding | undefined;
  private book!: ResourceBook;
  private log: RecordLog<ConfigRecord> | undefined;
  private follower: Follower | undefined;
  private timer: NodeJS.Timeout | undefined;
  private created = '';
  /** Messages up to here are decided; a batch comes again when its records could not be stored. */
  private handledSeq = 0;
  private readonly ending = new AbortController();
  private lastTraffic: number | undefined;
  private broken = true;
  private readonly serial = new Serial();
  /** Who waits for a further changeset. */
  private readonly folded = new Set<() => void>();
  private readonly renderSeconds;

  constructor(
    private readonly bus: Bus,
    private readonly loader: ModelLoader,
    private readonly decided: DecidedPosition,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(LOG) private readonly lines: Log,
  ) {
    this.renderSeconds = metrics.histogram(
      'signalbox_render_seconds',
      'Deciding and merging one batch of changes',
    );
    const gauge = metrics.gauge('signalbox_effective_generation', 'Generation of the effective config');
    const held = metrics.gauge('signalbox_parts_quarantined', 'Parts held back because they do not merge');
    Object.assign(gauge, { collect: () => gauge.set(this.model.generation()) });
    Object.assign(held, { collect: () => held.set(this.model.quarantinedParts().length) });
  }

  get isReady(): boolean {
    return !this.broken;
  }

  /** What the model holds. */
  sizes(): ReturnType<ConfigModel['sizes']> {
    return this.model.sizes();
  }

  /** Loads and catches up; resolves when every proposal of the past is decided. */
  async start(book: ResourceBook): Promise<void> {
    this.book = book;
    await this.loadUntilDone();
  }

  /**
   * Folds an apply of operator resources. Returns the last message appended because of it, if any. Throws `nats-unavailable` when
   * a stop came before that was stored: it comes again.
   */
  async applyChangeset(revision: number, changeset: Changeset): Promise<Appended | undefined> {
    const turn = await this.serial.run(() => {
      this.model.applyChangeset(revision, changeset);
      this.tellFolded();
      if (this.broken) return undefined;
      return this.turn(() => this.settle({ stream: STREAMS.journal, seq: revision }));
    });
    const stored = await turn?.stored;
    if (!stored && this.ending.signal.aborted)
      throw new CodedError(
        'nats-unavailable',
        `stopped before what follows from revision ${revision} was stored`,
      );
    return stored;
  }

  /** What changes would lead to, see {@link ConfigModel.plan}. Throws `not-ready` until everything before them is followed. */
  plan({ revision, changes }: ConfigPlanQuestion): ConfigPlan {
    if (this.broken)
      throw new CodedError('not-ready', 'renderer is still catching up with its records: try again');
    const planned = this.model.plan(changes);
    if (planned.revision >= revision) return planned;
    throw new CodedError(
      'not-ready',
      `renderer is at revision ${planned.revision}, the changes were planned at ${revision}: try again`,
    );
  }

  /** What would become of what a run proposes; nothing is recorded. Throws `not-ready` while the records are read. */
  tryPart({ order, outcomes, part }: TryPartRequest): TryPartAnswer {
    if (this.broken)
      throw new CodedError('not-ready', 'renderer is still catching up with its records: try again');
    const nowMs = this.clock.now();
    const ended = {
      type: 'ended',
      at: formatTime(nowMs),
      order,
      outcome: 'proposed',
      outcomes,
      part,
    } as const;
    const proposal = proposalOfRun(ended);
    const decided = proposal && this.model.tryProposal(proposal, nowMs);
    if (decided?.type === 'accepted') return { resources: decided.part.resources };
    if (decided?.type === 'rejected') return { rejected: decided.error };
    throw new CodedError('internal', `what run ${order.runId} proposes could not be decided`);
  }

  /** Whether a part is the last of its source and has ended. */
  hasEnded(ref: PartRef): boolean {
    return this.model.hasEnded(ref);
  }

  /** Nothing is kept any more of these sources, see {@link ConfigModel.forget}. */
  forget(ended: readonly PartRef[]): void {
    for (const ref of ended) this.model.forget(ref);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.tellFolded();
    clearTimeout(this.timer);
    // together: a batch in work may wait for its records, which a server that hangs never takes
    await Promise.all([this.follower?.stop(), this.log?.stop()]);
    await this.serial.idle();
    await this.decided.stop();
  }

  private async load(): Promise<void> {
    const { book } = this;
    await this.serial.run(async () => {
      const loaded = await this.loader.load(book, this.ending.signal);
      this.log = new RecordLog(this.bus, STREAMS.activity);
      this.model = loaded.model;
      this.deciding = new Deciding(loaded.model, this.log);
      this.created = loaded.streamCreated;
      this.handledSeq = loaded.seq;
      this.broken = false;
      const journal = { stream: STREAMS.journal, seq: book.revision };
      await this.turn(() => [
        ...this.settle(journal),
        ...this.decideAll(loaded.undecided, ({ at }) => timestampMs(at)),
      ]).stored;
    });
    if (this.broken || this.ending.signal.aborted) return;
    this.follower = new Follower(this.bus, {
      service: 'renderer',
      name: 'runs',
      stream: STREAMS.activity,
      filter: SUBJECTS.allRunActivity,
      mayWait: ({ subject }) => subject === SUBJECTS.plans,
      fromSeq: this.handledSeq + 1,
      onBatch: (batch) => this.handle(batch),
    });
    await this.follower.caughtUp;
  }

  private async handle(batch: readonly StreamMessage[]): Promise<void> {
    const { seq } = batch[batch.length - 1]!;
    const read = [...this.toDecide(batch)];
    await this.untilDeclared(read.map(([, record]) => record));
    const turn = await this.serial.run(() => {
      if (this.broken) return undefined;
      const done = this.renderSeconds.startTimer();
      const fresh = read.filter(([cause]) => cause.seq > this.handledSeq);
      const made = this.turn(() => this.decideAll(fresh));
      this.handledSeq = seq;
      done();
      return made;
    });
    await turn?.stored;
    if (!turn || this.broken) return;
    // what is not due yet is read again by the next start
    this.decided.reached(Math.min(seq, (this.model.firstPendingSeq ?? Infinity) - 1), this.created);
    this.bus.tell({ service: 'renderer', stream: STREAMS.activity, seq });
  }

  /**
   * A run may end before the changeset that it was planned by is folded here: what it proposes is judged by what was declared then, or
   * later. A revision that the journal does not have is not waited for.
   */
  private async untilDeclared(records: readonly DecidedRun[]): Promise<void> {
    const revision = records.reduce(
      (most, record) => Math.max(most, record.type === 'ended' ? record.order.revision : 0),
      0,
    );
    const isFolded = (): boolean => revision <= this.model.foldedRevision;
    if (isFolded()) return;
    const last = await getLast(this.bus, STREAMS.journal, SUBJECTS.resources);
    if (!last || last.seq < revision) return;
    while (!isFolded() && !this.broken && !this.ending.signal.aborted)
      await new Promise<void>((resolve) => this.folded.add(resolve));
  }

  private tellFolded(): void {
    for (const resolve of this.folded) resolve();
    this.folded.clear();
  }

  /** Of these messages, what may lead to something. */
  private *toDecide(batch: readonly StreamMessage[]): Generator<readonly [Cause, DecidedRun]> {
    for (const message of batch) {
      const { stream, subject, seq } = message;
      if (subject === SUBJECTS.plans) continue;
      const records = readRecord(this.bus.log, message, decodeRunBatch)?.records ?? [];
      for (const [index, record] of records.entries())
        if (record.type !== 'planned' && record.type !== 'started') yield [{ stream, seq, index }, record];
    }
  }

  /**
   * Every record in stream order, then at most one new generation. `dueByMs`: which withdrawals are due at a record, by default all
   * that are by now. What became due since a record of the past may have been cancelled by one behind it.
   */
  private decideAll(
    records: Iterable<readonly [Cause, DecidedRun]>,
    dueByMs?: (record: DecidedRun) => number | undefined,
  ): ConfigRecord[] {
    const decided: ConfigRecord[] = [];
    let last: Cause | undefined;
    for (const [cause, record] of records) {
      decided.push(...this.deciding!.run(record, cause, this.clock.now(), dueByMs?.(record)));
      last = cause;
    }
    if (last) decided.push(...this.settle(last));
    return decided;
  }

  /** What follows from what is folded, and when to look again. */
  private settle(cause: Cause): ConfigRecord[] {
    const records = this.deciding!.settle(cause, this.clock.now());
    this.schedule();
    return records;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const next = this.model.nextDueMs();
    if (next === undefined || this.ending.signal.aborted) return;
    const wait = Math.min(Math.max(0, next - this.clock.now()), MAX_TIMER_MS);
    this.timer = setTimeout(() => {
      void this.serial.run(() => {
        if (!this.broken) this.turn(() => this.settle(CLOCK_CAUSE));
      });
    }, wait);
  }

  /**
   * One turn: what it decides goes into one message. `stored` resolves with it, or with nothing when there is
   * none or it could not be stored; then the model is thrown away and loaded again.
   */
  private turn(decide: () => ConfigRecord[]): { readonly stored: Promise<Appended | undefined> } {
    try {
      const records = decide();
      if (records.length === 0) return { stored: Promise.resolve(undefined) };
      const subject = configSubjectOf(records);
      const appended = this.log!.append(subject, records).then((seq) => this.appended(subject, seq));
      return { stored: appended.catch((error: unknown) => this.lose(error)) };
    } catch (error) {
      return { stored: Promise.resolve(this.lose(error)) };
    }
  }

  private appended(subject: string, seq: number): Appended {
    if (subject === SUBJECTS.trafficConfig) this.lastTraffic = seq;
    return { seq, ...(this.lastTraffic !== undefined && { traffic: this.lastTraffic }) };
  }

  private lose(err: unknown): undefined {
    if (this.broken || this.ending.signal.aborted) return undefined;
    if (!this.bus.outages.explain(err))
      this.lines.error({ err }, 'the renderer lost track of its records, loading them again');
    this.broken = true;
    this.tellFolded();
    clearTimeout(this.timer);
    const { follower, log } = this;
    setTimeout(() => void this.reload(follower, log), RELOAD_MS);
    return undefined;
  }

  private async reload(follower?: Follower, log?: RecordLog<ConfigRecord>): Promise<void> {
    await log?.stop(0);
    await follower?.stop();
    await this.loadUntilDone();
  }

  private async loadUntilDone(): Promise<void> {
    for (let said = false; !this.ending.signal.aborted;) {
      try {
        return await this.load();
      } catch (err) {
        if (!said && !this.bus.outages.explain(err)) {
          said = true;
          this.lines.error({ err }, 'the renderer cannot load its records, trying again');
        }
        await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
      }
    }
  }
}
