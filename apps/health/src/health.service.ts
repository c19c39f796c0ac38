import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BALANCE_MARKS,
  type BackendCommandRequest,
  CodedError,
  type CommandAnswer,
  STREAMS,
  type Watermark,
} from '@signalbox/contracts';
import { Health, Serial } from '@signalbox/runtime';
import {
  backendIntentsProjection,
  backendsProjection,
  type EffectiveChange,
  Projector,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { BackendRecords } from './backend-records.js';
import { BackendRestore } from './backend-restore.js';
import { Checker } from './checker.js';
import { ConfigTakeover } from './config-takeover.js';
import { CounterCache } from './counter-cache.js';
import { HealthConfig } from './health-config.js';
import { IntentBook } from './intent-book.js';
import { ProbeRounds } from './probe-rounds.js';
import { StateMetrics } from './state-metrics.js';

/**
 * Starts the health service: projections, what the records say, the effective config; then probes run. Config changes
 * and commands take turns under one lock.
 */
@Injectable()
export class HealthService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly serial = new Serial();
  private readonly projectors: Projector[] = [];
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly config: HealthConfig,
    private readonly takeover: ConfigTakeover,
    private readonly before: BackendRestore,
    private readonly checker: Checker,
    private readonly records: BackendRecords,
    private readonly intents: IntentBook,
    private readonly cache: CounterCache,
    private readonly rounds: ProbeRounds,
    private readonly stateMetrics: StateMetrics,
    readiness: Health,
  ) {
    readiness.register('health', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const projection of [backendsProjection, backendIntentsProjection])
      this.projectors.push(await Projector.start(this.bus, this.dataSource, projection));
    await Promise.all(this.projectors.map(({ caughtUp }) => caughtUp));
    await this.before.run();
    const { book } = this.config;
    await book.load(this.bus, this.dataSource);
    await book.follow(this.bus, (change) => this.serial.run(() => this.follow(change)));
    await this.serial.run(() => this.begin());
  }

  async onApplicationShutdown(): Promise<void> {
    // a change that waits for NATS would keep its reader from stopping
    if (!this.bus.isUp) this.stopWriters();
    await this.config.book.stop();
    await this.rounds.close();
    this.stopWriters();
    await this.serial.idle();
    await this.cache.stop();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  /** An operator command; names the last record that followed, if any did. */
  async command(request: BackendCommandRequest): Promise<CommandAnswer> {
    if (!this.ready)
      throw new CodedError('not-ready', 'health is still catching up with its records: try again');
    const seq = await this.serial.run(() => this.checker.command(request));
    return seq === undefined ? {} : { seq };
  }

  private stopWriters(): void {
    this.records.stop();
    this.intents.stop();
  }

  private async begin(): Promise<void> {
    await this.takeover.begin();
    this.stateMetrics.show();
    this.cache.start(() => this.rounds.isRunning);
    this.ready = true;
    this.mark(this.config.book.position);
  }

  private async follow({ changed, seq }: EffectiveChange): Promise<void> {
    if (!this.ready) return; // begin() takes over everything
    if (changed.length > 0) await this.takeover.follow(changed);
    this.mark(seq);
  }

  private mark(seq: number): void {
    const service = BALANCE_MARKS.healthConfig;
    const stream = STREAMS.activity;
    const mark: Watermark = { service, stream, seq, appended: { stream, seq: this.records.lastSeq } };
    this.bus.tell(mark);
  }
}
