import { Injectable } from '@nestjs/common';
import { Bus, type StreamFill, streamFills } from '@signalbox/bus';
import { Metrics } from '@signalbox/runtime';
import type { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';

/**
 * What is kept, for alerts: dead letters, and how full the streams are. Read at each scrape; while NATS or Postgres is
 * away their series are missing and the scrape goes on.
 */
@Injectable()
export class SiteMetrics {
  private listing: Promise<readonly StreamFill[]> | undefined;

  constructor(
    metrics: Metrics,
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    readAtScrape(
      metrics.gauge('signalbox_dead_letters', 'Dead letters, by who could not process them and why', [
        'service',
        'code',
      ]),
      (gauge) => this.countDeadLetters(gauge),
    );
    const ofStreams = (name: string, help: string, value: (fill: StreamFill) => number): void =>
      readAtScrape(metrics.gauge(name, help, ['stream']), async (gauge) => {
        for (const fill of await this.fills()) gauge.set({ stream: fill.name }, value(fill));
      });
    ofStreams('signalbox_stream_bytes', 'What a stream holds', ({ bytes }) => bytes);
    ofStreams('signalbox_stream_messages', 'Messages that a stream holds', ({ messages }) => messages);
    ofStreams(
      'signalbox_stream_max_bytes',
      'What a stream may hold, -1 without a bound',
      ({ maxBytes }) => maxBytes,
    );
  }

  private async countDeadLetters(gauge: Gauge): Promise<void> {
    const rows = await this.dataSource.query<{ service: string; code: string; count: number }[]>(
      'select service, code, count(*) as count from dead_letters group by service, code',
    );
    for (const { service, code, count } of rows) gauge.set({ service, code }, count);
  }

  /** One listing serves all gauges of a scrape. */
  private fills(): Promise<readonly StreamFill[]> {
    this.listing ??= streamFills(this.bus.manager).finally(() => (this.listing = undefined));
    return this.listing;
  }
}

function readAtScrape(gauge: Gauge, read: (gauge: Gauge) => Promise<void>): void {
  const collect = async (): Promise<void> => {
    gauge.reset();
    await read(gauge).catch(() => undefined);
  };
  Object.assign(gauge, { collect });
}
