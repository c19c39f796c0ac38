import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Bus, getLast, lastBefore } from '@signalbox/bus';
import { CodedError, type CompactionRecord, formatTime, STREAMS, SUBJECTS } from '@signalbox/contracts';
import {
  Clock,
  Metrics,
  PeriodicTask,
  SITE_CONFIG,
  type SiteConfig,
  type SnapshotAnswer,
  type StillAtWork,
} from '@signalbox/runtime';
import { horizonOf, newestSnapshot, siteProjections } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** Who keeps tables that are folded from ACTIVITY; `matcher` has none, but what is pending in it. */
const OWNERS = [
  ...new Set([
    'matcher',
    ...siteProjections([]).flatMap(({ owner, stream }) => (stream === STREAMS.activity ? [owner] : [])),
  ]),
];

/** What is purged of ACTIVITY. Which rules decided when is little, and explains facts. */
const PURGED = [
  'run.>',
  'config.*',
  'delivery.>',
  'backend.>',
  'frontend.>',
  'node.>',
  'vip',
  'intake.*',
  'refused',
];

/** Of these the last record of each subject stays: it says what is no longer kept. */
const LAST_KEPT = [SUBJECTS.retention('*'), SUBJECTS.compaction];

/** An owner answers within so many milliseconds, or that it is still at work; after so many silences it is away. */
const OWNER = { answerMs: 6000, silences: 3 } as const;

/** What a compaction did. */
export interface Compaction {
  /** The last record of ACTIVITY that is no longer kept, 0 when all are. */
  readonly upTo: number;
  /** Messages that went. */
  readonly purged: number;
}

/**
 * Keeps ACTIVITY at a steady size: has every owner snapshot its tables, says up to where records are no longer kept, purges
 * them, and has rows follow that are over. Nothing goes that a snapshot does not stand for, or that a reader has not read.
 */
@Injectable()
export class CompactionService implements OnApplicationShutdown {
  private readonly turns: PeriodicTask;
  private running: Promise<Compaction> | undefined;
  private readonly lastMs;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {
    this.turns = new PeriodicTask(config.compactEveryMs, () => this.turn());
    this.lastMs = metrics.gauge(
      'signalbox_compaction_timestamp_seconds',
      'When records of ACTIVITY were last looked through for what is no longer kept',
    );
  }

  /** Compacts now and then, see `SIGNALBOX_COMPACT_EVERY`. */
  start(): void {
    this.turns.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.turns.stop();
    await this.running?.catch(() => undefined);
  }

  /** Compacts; who asks while it is done gets the same answer. Throws `not-ready` when an owner of tables does not answer. */
  compact(): Promise<Compaction> {
    this.running ??= this.compactNow().finally(() => (this.running = undefined));
    return this.running;
  }

  private async turn(): Promise<void> {
    try {
      await this.compact();
    } catch (err) {
      if (!this.bus.outages.explain(err)) this.bus.log.warn({ err }, 'ACTIVITY could not be compacted');
    }
  }

  private async compactNow(): Promise<Compaction> {
    const { bus, config } = this;
    const nowMs = this.clock.now();
    await this.followDead();
    const before = await horizonOf(bus);
    const taken =
      config.activityMaxAgeMs === undefined ? undefined : await this.snapshotsFor(config.activityMaxAgeMs);
    const upTo = Math.max(before, taken?.upTo ?? 0);
    if (upTo > before) {
      const record: CompactionRecord = { upTo, at: formatTime(nowMs) };
      await bus.publisher.publishJson(SUBJECTS.compaction, record);
    }
    // also when nothing is new: a crash may have left something
    const purged = upTo > 0 ? await this.purge(upTo, taken?.projections ?? []) : 0;
    this.lastMs.set(nowMs / 1000);
    if (purged > 0) bus.log.info({ upTo, purged }, 'records that are no longer kept were purged');
    return { upTo, purged };
  }

  /** The last record that is too old and that snapshots stand for, which everybody has read; undefined when none is too old. */
  private async snapshotsFor(
    maxAgeMs: number,
  ): Promise<{ readonly upTo: number; readonly projections: readonly string[] } | undefined> {
    const old = await lastBefore(this.bus, STREAMS.activity, this.clock.now() - maxAgeMs);
    if (old <= (await horizonOf(this.bus))) return undefined;
    const answers = await Promise.all(OWNERS.map((owner) => this.ask<SnapshotAnswer>(owner, 'snapshot')));
    const positions = answers.flatMap((answer) => Object.entries(answer.positions));
    const upTo = Math.min(old, ...positions.map(([, position]) => position));
    return { upTo, projections: positions.map(([projection]) => projection) };
  }

  private async purge(upTo: number, projections: readonly string[]): Promise<number> {
    let purged = 0;
    const purge = async (filter: string, seq: number): Promise<void> => {
      purged += (await this.bus.manager.streams.purge(STREAMS.activity, { filter, seq })).purged;
    };
    for (const subjects of PURGED) await purge(`activity.${subjects}`, upTo + 1);
    await Promise.all(OWNERS.map((owner) => this.ask(owner, 'prune')));
    for (const projection of projections) {
      const newest = await newestSnapshot(this.bus, projection);
      if (newest) await purge(SUBJECTS.snapshot(projection), newest.firstSeq);
    }
    for (const subject of await this.subjectsOf(LAST_KEPT)) {
      const last = await getLast(this.bus, STREAMS.activity, subject);
      if (last) await purge(subject, Math.min(upTo + 1, last.seq));
    }
    return purged;
  }

  private async subjectsOf(patterns: readonly string[]): Promise<string[]> {
    const subjects: string[] = [];
    for (const pattern of patterns) {
      const info = await this.bus.manager.streams.info(STREAMS.activity, { subjects_filter: pattern });
      subjects.push(...Object.keys(info.state.subjects ?? {}));
    }
    return subjects;
  }

  /** DEAD drops its oldest messages by itself: their rows go too. */
  private async followDead(): Promise<void> {
    const { state } = await this.bus.manager.streams.info(STREAMS.dead);
    await this.dataSource.query('delete from dead_letters where seq < $1', [state.first_seq]);
  }

  /** Asks again while the owner is at work; one that does not answer several times is away. */
  private async ask<T extends object>(owner: string, command: string): Promise<T> {
    for (let silent = 0; silent < OWNER.silences && !this.turns.isStopped;) {
      const subject = SUBJECTS.command(owner, command);
      const answer = await this.bus.ask<T | StillAtWork>(subject, {}, OWNER.answerMs);
      if (answer === undefined) silent += 1;
      else if (!('working' in answer)) return answer;
      else silent = 0;
    }
    throw new CodedError('not-ready', `${owner} does not answer: records are kept until it runs`);
  }
}
