import { Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { Clock, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { EffectiveBook } from '@signalbox/store';
import { DataSource } from 'typeorm';

/** The whole effective config, for sinks: read once there is one. */
@Injectable()
export class SinkConfig {
  readonly book: EffectiveBook;
  /** What templates know of the site. */
  readonly site: { readonly name: string };

  constructor(
    bus: Bus,
    dataSource: DataSource,
    readonly clock: Clock,
    @Inject(SITE_CONFIG) { nodeName }: SiteConfig,
  ) {
    this.book = new EffectiveBook('sinks', 'everything', bus, dataSource);
    this.site = { name: nodeName };
  }
}
