import { Inject, Injectable } from '@nestjs/common';
import { Bus, Follower, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  type Cause,
  type Changeset,
  decodeRunRecord,
  kindOf,
  type PartRecord,
  type RunRecord,
  STREAMS,
  SUBJECTS,
  timestampMs,
  validateResource,
} from '@signalbox/contracts';
import { Clock, LOG, type Log, Metrics, Serial } from '@signalbox/runtime';
import type { ResourceBook } from '@signalbox/store';
import { CLOCK_CAUSE, ConfigModel } from './domain/config-model.js';
import { EMPTY_SNAPSHOT } from './domain/model-snapshot.js';
import { ModelStore } from './model-store.js';
import { Past } from './past.js';
import { RecordWriter } from './record-writer.js';

/** Longest timer Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Pause before a failed engine loads again. Milliseconds. */
const RELOAD_MS = 500;

/**
 * The model with its effects. Inputs (proposals, changesets, the clock) take turns under one lock: decide, append,
 * fold. When an append fails, what the streams hold is in doubt, so the model is loaded again from tables and streams.
 */
@Injectable()
export class Rendering {
  private model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
  private book: ResourceBook | undefined;
  private follower: Follower | undefined;
  private timer: NodeJS.Timeout | undefined;
  private created = '';
  private foldedSeq = 0;
  /** Messages up to here are folded or decided; a batch comes again when only its position could not be saved. */
  private handledSeq = 0;
  private stopped = false;
  private broken = true;
  /** Undefined once everything of it is folded. */
  private past: Past | undefined;
  private readonly serial = new Serial();
  private readonly renderSeconds;

  constructor(
    private readonly bus: Bus,
    private readonly store: ModelStore,
    private readonly writer: RecordWriter,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
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
    return !this.broken && this.past === undefined;
  }

  /** Loads and catches up; resolves when every proposal of the past is decided. */
  async start(book: ResourceBook): Promise<void> {
    this.book = book;
    await this.load();
  }

  /** Folds an apply of operator resources. Returns the last record appended because of it, if any. */
  applyChangeset(revision: number, changeset: Changeset): Promise<number | undefined> {
    return this.serial.run(async () => {
      this.model.applyChangeset(revision, changeset);
      if (!this.isReady) return undefined;
      return this.guarded(() => this.settle({ stream: STREAMS.journal, seq: revision }));
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.follower?.stop();
    await this.serial.idle();
  }

  private async load(): Promise<void> {
    await this.serial.run(async () => {
      await this.writer.open();
      const { foldedSeq, decidedSeq, streamCreated, ...tables } = await this.store.load();
      const startup = this.book?.all().map(({ resource, revision }) => ({ resource, revision })) ?? [];
      this.model = new ConfigModel({ ...tables, startup, revision: this.book?.revision ?? 0 }, RULES);
      this.past = new Past(this.model, foldedSeq, this.bus.log);
      this.foldedSeq = foldedSeq;
      this.handledSeq = 0;
      this.created = streamCreated;
      this.broken = false;
      this.follower = new Follower(this.bus, {
        service: 'renderer',
        name: 'parts and runs',
        stream: STREAMS.activity,
        fromSeq: Math.min(decidedSeq, foldedSeq) + 1,
        onBatch: (batch) => this.handle(batch),
      });
    });
    const { follower } = this;
    // a stop that came meanwhile has stopped the one before
    if (this.stopped) return follower?.stop();
    await follower?.caughtUp;
    await this.serial.run(async () => {
      if (follower === this.follower) await this.guarded(() => this.goLive());
    });
  }

  private async handle(batch: readonly StreamMessage[]): Promise<void> {
    const { seq } = batch[batch.length - 1]!;
    await this.serial.run(async () => {
      if (this.broken) return;
      const done = this.renderSeconds.startTimer();
      const fresh = batch.filter((message) => message.seq > this.handledSeq);
      if (this.past) for (const message of fresh) this.past.fold(message);
      else await this.guarded(() => this.decide(fresh));
      this.handledSeq = seq;
      done();
    });
    if (this.broken || this.past) return;
    await this.store.saveDecided(seq, this.created);
    this.bus.tell(SUBJECTS.watermark('renderer'), { service: 'renderer', stream: STREAMS.activity, seq });
  }

  private async goLive(): Promise<void> {
    const { past } = this;
    const waiting = past?.waiting ?? [];
    this.past = undefined;
    await this.settle({ stream: STREAMS.journal, seq: this.book?.revision ?? 0 });
    for (const [seq, record] of waiting)
      await this.decideRun(record, { stream: STREAMS.activity, seq }, past);
    await this.settle({ stream: STREAMS.activity, seq: waiting.at(-1)?.[0] ?? this.foldedSeq });
  }

  /** A live batch: every proposal in stream order, then at most one new generation. */
  private async decide(batch: readonly StreamMessage[]): Promise<void> {
    let last: number | undefined;
    const appends: Promise<unknown>[] = [];
    for (const message of batch) {
      const { subject, seq } = message;
      if (!subject.startsWith('activity.run.')) continue;
      const record = readRecord(this.bus.log, message, decodeRunRecord);
      if (!record || (record.type !== 'ended' && record.type !== 'withdrawn')) continue;
      last = seq;
      appends.push(this.decideRun(record, { stream: STREAMS.activity, seq }));
    }
    await Promise.all(appends);
    if (last !== undefined) await this.settle({ stream: STREAMS.activity, seq: last });
  }

  /**
   * Decides and folds at once, in order; the append is awaited by the caller together with others. Should it fail, the
   * model is ahead of the streams and is loaded again.
   */
  private async decideRun(record: RunRecord, cause: Cause, past?: Past): Promise<void> {
    const now = this.clock.now();
    const records: PartRecord[] = [];
    const take = (decided: readonly PartRecord[]): void => {
      for (const one of decided) this.model.applyPart(one);
      records.push(...decided);
    };
    if (record.type === 'ended') {
      take(this.model.decideExpiries(now));
      const decision = this.proposalOf(record, cause, now);
      if (decision) take([decision]);
    } else if (record.type === 'withdrawn') {
      const ends = this.model.decideWithdrawal(record, cause, Math.max(now, timestampMs(record.dueAt)));
      take(ends.filter((end) => !past?.isProposedAfter(end, cause.seq)));
    }
    await Promise.all(records.map((decided) => this.writer.part(decided)));
  }

  private proposalOf(
    record: Extract<RunRecord, { type: 'ended' }>,
    cause: Cause,
    now: number,
  ): PartRecord | undefined {
    const decision = this.model.decideProposal(record, cause, now);
    if (decision?.type !== 'accepted') return decision;
    const bytes = Buffer.byteLength(JSON.stringify(decision));
    if (bytes <= this.writer.maxBytes) return decision;
    const message = `the part has ${bytes} bytes with its provenance, one message may have ${this.writer.maxBytes}: propose less`;
    const { runId, attempt, owner, source } = decision.part;
    return {
      type: 'rejected',
      at: decision.at,
      cause,
      runId,
      attempt,
      owner,
      source,
      error: { code: 'result-too-large', message },
    };
  }

  /** What follows from what is folded: parts that ended, quarantine, and the next generation. */
  private async settle(cause: Cause): Promise<number | undefined> {
    let last: number | undefined;
    const now = this.clock.now();
    const ended = this.model.decideExpiries(now);
    for (const record of ended) this.model.applyPart(record);
    const held = this.model.decideQuarantine(cause, now);
    for (const record of held) this.model.applyPart(record);
    for (const seq of await Promise.all([...ended, ...held].map((record) => this.writer.part(record)))) {
      last = Math.max(last ?? 0, seq);
    }
    const generation = this.model.decideEffective(cause, this.clock.now(), this.writer.maxBytes);
    if (generation.length > 0) {
      last = await this.writer.effective(generation);
      for (const record of generation) this.model.applyEffective(record);
    }
    this.schedule();
    return last;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const next = this.model.nextExpiryMs();
    if (next === undefined || this.stopped) return;
    const wait = Math.min(Math.max(0, next - this.clock.now()), MAX_TIMER_MS);
    this.timer = setTimeout(() => {
      void this.serial.run(() => (this.broken ? undefined : this.guarded(() => this.settle(CLOCK_CAUSE))));
    }, wait);
  }

  /** Runs effects; when they fail, the model is thrown away and loaded again. */
  private async guarded<T>(task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (err) {
      if (!this.broken && !this.bus.outages.explain(err))
        this.log.error({ err }, 'the renderer lost track of its records, loading them again');
      this.broken = true;
      clearTimeout(this.timer);
      const { follower } = this;
      if (!this.stopped) setTimeout(() => void this.reload(follower), RELOAD_MS);
      return undefined;
    }
  }

  private async reload(follower: Follower | undefined): Promise<void> {
    await follower?.stop();
    for (let said = false; !this.stopped;) {
      try {
        return await this.load();
      } catch (err) {
        if (!said && !this.bus.outages.explain(err)) {
          said = true;
          this.log.error({ err }, 'the renderer cannot load its records, trying again');
        }
        await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
      }
    }
  }
}

/** Rules of kinds, as the model needs them. */
const RULES: ConstructorParameters<typeof ConfigModel>[1] = {
  validate: validateResource,
  checkReferences: (resource, lookup) =>
    kindOf(resource.apiVersion, resource.kind)?.checkReferences?.(resource, lookup) ?? [],
};
