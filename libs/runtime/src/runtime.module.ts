import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { Bus, JetStreamServer, Outages } from '@signalbox/bus';
import { DataSource } from 'typeorm';
import { Alarms } from './alarms.js';
import { Clock, SystemClock } from './clock.js';
import { GoneRows } from './gone-rows.js';
import { Health } from './health/health.js';
import { HealthController } from './health/health.controller.js';
import { LOG, type Log } from './log.js';
import { Metrics } from './metrics.js';
import type { SiteConfig } from './site-config.js';
import { Tracing } from './tracing/tracing.js';
import { Usage } from './usage.js';
import { Watermarks } from './watermarks.js';

/** Injection token of the {@link SiteConfig}. */
export const SITE_CONFIG = Symbol('SiteConfig');

/** What every service of a process shares: connections, clock, log, metrics, health. */
@Global()
@Module({})
export class RuntimeModule {
  /** `dataSource`: absent where no service has anything in Postgres. `providers`: what runs already. */
  static with(parts: {
    config: SiteConfig;
    bus: Bus;
    dataSource: DataSource | undefined;
    log: Log;
    tracing: Tracing;
    providers: readonly Provider[];
  }): DynamicModule {
    const providers: Provider[] = [
      ...parts.providers,
      { provide: SITE_CONFIG, useValue: parts.config },
      { provide: LOG, useValue: parts.log },
      { provide: Bus, useValue: parts.bus },
      { provide: Outages, useValue: parts.bus.outages },
      ...(parts.dataSource ? [{ provide: DataSource, useValue: parts.dataSource }] : []),
      { provide: JetStreamServer, useValue: new JetStreamServer(parts.bus) },
      { provide: Tracing, useValue: parts.tracing },
      { provide: Clock, useClass: SystemClock },
      { provide: Watermarks, useValue: new Watermarks(parts.bus) },
      Metrics,
      GoneRows,
      Health,
      Alarms,
      Usage,
    ];
    return { module: RuntimeModule, providers, controllers: [HealthController], exports: providers };
  }
}
