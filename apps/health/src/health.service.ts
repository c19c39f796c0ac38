import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Health } from '@signalbox/runtime';
import { Projectors } from '@signalbox/store';
import { BackendInputs } from './backend-inputs.js';
import { BackendRestore } from './backend-restore.js';
import { StateMetrics } from './state-metrics.js';

/** Starts the health service: projections, what the records say, what backends follow from; then probes run. */
@Injectable()
export class HealthService implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly tables: Projectors,
    private readonly before: BackendRestore,
    private readonly inputs: BackendInputs,
    private readonly metrics: StateMetrics,
    readiness: Health,
  ) {
    readiness.register('health', () => (inputs.isReady ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.tables.start();
    await this.tables.caughtUp();
    await this.before.run();
    await this.inputs.start();
    this.metrics.show();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.inputs.stop();
    await this.tables.stop();
  }
}
