import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Alarm, BOUNDS } from '@signalbox/contracts';
import { Clock, PeriodicTask, SITE_CONFIG, type SiteConfig, Usage } from '@signalbox/runtime';
import { forecast, type Forecast } from '../domain/fill-forecast.js';
import { SampleBook } from '../domain/sample-book.js';
import { StorageAlarms } from '../domain/storage-alarms.js';
import type { StorageItem } from '../domain/storage-items.js';
import { StorageReader } from './storage.reader.js';

/** Looks now and then how full everything is, and says from that when it will be full. */
@Injectable()
export class StorageSampler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly samples = new SampleBook(BOUNDS.samples);
  private readonly nearlyFull = new StorageAlarms();
  private readonly turns: PeriodicTask;

  constructor(
    private readonly storage: StorageReader,
    private readonly clock: Clock,
    usage: Usage,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {
    usage.measure({ 'samples of storage': () => this.samples.largest });
    this.turns = new PeriodicTask(config.sampleEveryMs, () => this.sample());
  }

  /** See `SIGNALBOX_STORAGE_SAMPLE_EVERY`; 0: never. */
  onApplicationBootstrap(): void {
    if (this.config.sampleEveryMs > 0) this.turns.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.turns.stop();
  }

  /** Streams that were nearly full when it was last looked. */
  alarms(): Alarm[] {
    return this.nearlyFull.alarms();
  }

  /** When a thing is full if it goes on as it did since it was first seen, at most six hours ago. */
  forecast(item: StorageItem): Forecast {
    const { used, bound } = item;
    const before = this.samples.of(keyOf(item));
    return forecast(used === undefined ? before : [...before, { atMs: this.clock.now(), used }], bound);
  }

  private async sample(): Promise<void> {
    const { items, away } = await this.storage.survey();
    // without them it is not known which streams and tables there are, and what was seen of each stays
    if (away.includes('nats') || away.includes('postgres')) return;
    const nowMs = this.clock.now();
    this.samples.add(nowMs, new Map(items.map((item) => [keyOf(item), item.used])));
    this.nearlyFull.take(items, nowMs);
  }
}

function keyOf({ kind, name }: StorageItem): string {
  return `${kind} ${name}`;
}
