import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NodeAnswers } from './node-answers.js';
import { NodeFollower } from './node-follower.js';
import { NodeMetrics } from './node-metrics.js';
import { NodeReporter } from './node-reporter.js';
import { VppAnswers } from './vpp-answers.js';
import { VppMetrics } from './vpp-metrics.js';

/**
 * Starts what an agent does with NATS: it follows the desired state, tells how the node is, and answers questions. It is ready
 * whatever the data plane does: that is an alarm.
 */
@Injectable()
export class AgentService implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly follower: NodeFollower,
    private readonly reporter: NodeReporter,
    private readonly answers: NodeAnswers,
    private readonly metrics: NodeMetrics,
    private readonly vppAnswers: VppAnswers,
    private readonly vppMetrics: VppMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.show();
    this.vppMetrics.show();
    this.reporter.start();
    this.answers.start();
    this.vppAnswers.start();
    this.follower.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.follower.stop();
    await this.reporter.stop();
  }
}
