import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Health } from '@signalbox/runtime';
import { Discovery } from './discovery/discovery.js';
import { FrontendInputs } from './frontend-inputs.js';
import { FrontendMetrics } from './frontend-metrics.js';
import { FrontendRestore } from './frontend-restore.js';
import { NodeInputs } from './node-inputs.js';

/**
 * Starts the balancer: its projections, what the records say of the frontends, what they follow from, and what brings backends;
 * from then on it decides again when something of that changes, and tells nodes.
 */
@Injectable()
export class BalancerService implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly before: FrontendRestore,
    private readonly inputs: FrontendInputs,
    private readonly nodes: NodeInputs,
    private readonly discovery: Discovery,
    private readonly metrics: FrontendMetrics,
    health: Health,
  ) {
    health.register('balancer', () => (inputs.isReady ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.before.run();
    await this.inputs.start();
    await this.nodes.start();
    await this.discovery.start();
    this.metrics.show();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.discovery.stop();
    await this.inputs.stop();
    await this.nodes.stop();
    await this.before.stop();
  }
}
