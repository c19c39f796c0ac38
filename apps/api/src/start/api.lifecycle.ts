import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Health } from '@signalbox/runtime';
import { Projectors } from '@signalbox/store';
import { OperatorResources } from '../operator-resources.js';
import { CompactionService } from '../compaction/compaction.service.js';
import { FirstStart } from './first-start.js';
import { SiteIdentity } from './site-identity.js';

/** Starts and stops what `api` runs. Tokens are read before: AuthModule sees to it when it is initialised. */
@Injectable()
export class ApiLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private started = false;

  constructor(
    private readonly projections: Projectors,
    private readonly resources: OperatorResources,
    private readonly firstStart: FirstStart,
    private readonly identity: SiteIdentity,
    private readonly compactions: CompactionService,
    health: Health,
  ) {
    health.register('api', () => this.notReadyBecause());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.projections.start();
    await this.resources.start();
    await this.firstStart.run();
    await this.identity.learn();
    this.compactions.start();
    this.started = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.resources.stop(), this.projections.stop()]);
  }

  private notReadyBecause(): string | undefined {
    if (!this.started) return 'starting';
    const { catchingUp } = this.projections;
    return catchingUp.length > 0 ? `reading the journal into ${catchingUp.join(', ')}` : undefined;
  }
}
