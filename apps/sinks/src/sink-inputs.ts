import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { SINK_API } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { SinkConfig } from './sink-config.js';
import { SinkIntents } from './sink-intents.js';
import { SinkLanes } from './sink-lanes.js';
import { SinkRecords } from './sink-records.js';

/** What sinks follow from: the ConfigSinks of the journal, and the effective config once there is one of them. */
@Injectable()
export class SinkInputs {
  private readonly resources: ResourceBook;
  private follows: Promise<void> | undefined;
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly config: SinkConfig,
    private readonly lanes: SinkLanes,
    private readonly records: SinkRecords,
    private readonly intents: SinkIntents,
  ) {
    this.resources = new ResourceBook('sinks', bus, dataSource);
  }

  /** Whether every declared sink is at work. */
  get isReady(): boolean {
    return this.ready;
  }

  /** The tables have to be caught up. */
  async start(): Promise<void> {
    await this.resources.start((_revision, { changes }) => {
      const isOurs = changes.some(
        (change) => (change.op === 'delete' ? change.ref : change.resource).kind === 'ConfigSink',
      );
      return isOurs && this.ready ? this.reconcile() : undefined;
    });
    await this.reconcile();
    const rows = await this.dataSource.query<{ name: string }[]>(
      "select name from sinks where state <> 'removed'",
    );
    await this.lanes.forget(rows.map(({ name }) => name));
    this.ready = true;
  }

  async stop(): Promise<void> {
    const stopped = this.lanes.stop();
    // a record that waits for NATS would keep its sink from stopping
    if (!this.bus.isUp) this.records.stop();
    await stopped;
    this.records.stop();
    this.intents.stop();
    await this.resources.stop();
    await this.config.book.stop();
  }

  private async reconcile(): Promise<void> {
    const sinks = this.resources.ofKind(SINK_API, 'ConfigSink');
    if (sinks.length > 0) await (this.follows ??= this.follow());
    await this.lanes.reconcile(sinks);
  }

  private async follow(): Promise<void> {
    const { book } = this.config;
    await book.load();
    await book.follow(({ changed }) => {
      this.lanes.noteChange(changed);
      return Promise.resolve();
    });
  }
}
