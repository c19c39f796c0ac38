import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import type { Gauge } from 'prom-client';
import type { StorageDto, StorageItemDto } from './storage.dto.js';
import { StorageForecasts } from './storage.forecasts.js';

const LABELS = ['kind', 'name', 'unit', 'when_full'] as const;

/**
 * How full everything is, for alerts; read at each scrape. What cannot be measured has no series, and the scrape goes on.
 */
@Injectable()
export class StorageMetrics {
  private reading: Promise<StorageDto> | undefined;

  constructor(
    metrics: Metrics,
    private readonly storage: StorageForecasts,
  ) {
    const show = (name: string, help: string, value: (item: StorageItemDto) => number | undefined): void => {
      const gauge: Gauge = metrics.gauge(name, help, LABELS);
      Object.assign(gauge, { collect: () => this.collect(gauge, value) });
    };
    show('signalbox_storage_used', 'What a thing holds, in its unit', ({ used }) => used);
    show('signalbox_storage_bound', 'What it may hold; none without a bound', ({ bound }) => bound);
    show('signalbox_storage_records', 'Messages of a stream, rows of a table about', ({ count }) => count);
    show(
      'signalbox_storage_full_seconds',
      'Until it is full when it goes on like this; none when that is never or not known',
      ({ fullInSeconds }) => fullInSeconds,
    );
  }

  private async collect(gauge: Gauge, value: (item: StorageItemDto) => number | undefined): Promise<void> {
    const { items } = await this.once();
    gauge.reset();
    for (const item of items) {
      const { kind, name, unit, used, whenFull = 'none' } = item;
      const shown = used === undefined ? undefined : value(item);
      if (shown !== undefined) gauge.set({ kind, name, unit, when_full: whenFull }, shown);
    }
  }

  /** One answer serves all gauges of a scrape. */
  private once(): Promise<StorageDto> {
    this.reading ??= this.storage.list().finally(() => (this.reading = undefined));
    return this.reading;
  }
}
