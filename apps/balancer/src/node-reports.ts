import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus, Follower, readRecord } from '@signalbox/bus';
import { type Alarm, decodeNodeRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';
import {
  loadPosition,
  NodeListenerRow,
  NodeVipRow,
  nodesProjection,
  reportOfRow,
  streamCreated,
  untilRestored,
  vipReportOfRow,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { unannouncedAlarms } from './domain/announcements/unannounced-alarms.js';
import { VipReports } from './domain/announcements/vip-reports.js';
import { tableAlarms } from './domain/table-alarms.js';
import { TableReports } from './domain/table-reports.js';
import { NodeVips } from './node-vips.js';
import { NodeWriter } from './node-writer.js';

/** What nodes say of their listeners and VIPs: rows with their position, then `activity.node.>`. */
@Injectable()
export class NodeReports implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly known = new TableReports();
  private readonly vipReports = new VipReports();
  private follower: Follower | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly writer: NodeWriter,
    private readonly vips: NodeVips,
    metrics: Metrics,
  ) {
    const mismatches = metrics.gauge(
      'signalbox_balancer_table_mismatches',
      'Listeners whose nodes have different Maglev tables',
    );
    Object.assign(mismatches, { collect: () => mismatches.set(this.tableAlarms().length) });
  }

  get size(): number {
    return this.known.size;
  }

  /** Loads and follows; resolves when everything that was there is read. */
  async onApplicationBootstrap(): Promise<void> {
    this.follower = new Follower(this.bus, {
      service: 'balancer',
      name: 'reports of nodes',
      stream: STREAMS.activity,
      filter: SUBJECTS.allNodeActivity,
      fromSeq: (await this.load()) + 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(this.bus.log, message, decodeNodeRecord);
          if (!record) continue;
          this.known.take(record);
          this.vipReports.take(record);
        }
        return Promise.resolve();
      },
    });
    await this.follower.caughtUp;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.follower?.stop();
  }

  /** Listeners whose nodes would spread clients differently, and VIPs that no node announces. */
  alarms(nowMs: number): Alarm[] {
    const reportsOf = (address: string): ReturnType<VipReports['of']> => this.vipReports.of(address);
    return [...this.tableAlarms(), ...unannouncedAlarms(this.vips.wanted, reportsOf, nowMs)];
  }

  private tableAlarms(): Alarm[] {
    return tableAlarms(this.known, (node, listener) => this.toldDigest(node, listener));
  }

  private toldDigest(node: string, listener: string): string | undefined {
    return this.writer.lane(node)?.standing?.listeners.get(listener)?.digest;
  }

  private async load(): Promise<number> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    await untilRestored(this.bus, this.dataSource, nodesProjection.name);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const position = await loadPosition(tx, nodesProjection.name, STREAMS.activity, created);
      if (position === 0) return 0;
      for (const row of await tx.find(NodeListenerRow)) this.known.put(row.node, reportOfRow(row), row.at);
      for (const row of await tx.find(NodeVipRow)) this.vipReports.put(row.node, vipReportOfRow(row));
      return position;
    });
  }
}
