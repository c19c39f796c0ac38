import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import type { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';

/** Dead letters, for alerts. Read at each scrape; while Postgres is away their series are missing and the scrape goes on. */
@Injectable()
export class SiteMetrics {
  constructor(
    metrics: Metrics,
    private readonly dataSource: DataSource,
  ) {
    readAtScrape(
      metrics.gauge('signalbox_dead_letters', 'Dead letters, by who could not process them and why', [
        'service',
        'code',
      ]),
      (gauge) => this.countDeadLetters(gauge),
    );
  }

  private async countDeadLetters(gauge: Gauge): Promise<void> {
    const rows = await this.dataSource.query<{ service: string; code: string; count: number }[]>(
      'select service, code, count(*) as count from dead_letters group by service, code',
    );
    for (const { service, code, count } of rows) gauge.set({ service, code }, count);
  }
}

function readAtScrape(gauge: Gauge, read: (gauge: Gauge) => Promise<void>): void {
  const collect = async (): Promise<void> => {
    gauge.reset();
    await read(gauge).catch(() => undefined);
  };
  Object.assign(gauge, { collect });
}
