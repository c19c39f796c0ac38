import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Projectors } from '@signalbox/store';

/** Starts the service: its projections, then the sinks. */
@Injectable()
export class SinksService implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly tables: Projectors) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.tables.start();
    await this.tables.caughtUp();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tables.stop();
  }
}
