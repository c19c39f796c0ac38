import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Health } from '@signalbox/runtime';
import { Projectors } from '@signalbox/store';
import { SinkInputs } from './sink-inputs.js';

/** Starts the service: its projections, then the sinks as they were left. */
@Injectable()
export class SinksService implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly tables: Projectors,
    private readonly inputs: SinkInputs,
    health: Health,
  ) {
    health.register('sinks', () => (inputs.isReady ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.tables.start();
    await this.tables.caughtUp();
    await this.inputs.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.inputs.stop();
    await this.tables.stop();
  }
}
