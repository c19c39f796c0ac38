import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { STREAMS } from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { ActivityFold } from './activity-fold.js';
import { Checkpoints } from './checkpoints.js';
import { Matching } from './matching.js';
import { MatchStore } from './match-store.js';
import { Planning } from './planning.js';

/**
 * Starts the matcher: planner at one position of ACTIVITY, then the rules and the facts of every group. They take turns, see
 * {@link Planning}.
 */
@Injectable()
export class MatcherService implements OnApplicationBootstrap, OnApplicationShutdown {
  private ready = false;

  constructor(
    private readonly store: MatchStore,
    private readonly planning: Planning,
    private readonly activity: ActivityFold,
    private readonly checkpoints: Checkpoints,
    private readonly matching: Matching,
    health: Health,
  ) {
    health.register('matcher', () => (this.ready ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    const state = await this.store.load();
    const { activitySeq, activityCreated: streamCreated } = state;
    this.planning.load(state);
    await this.activity.start(activitySeq + 1);
    this.checkpoints.open({
      ledger: this.planning.ledger,
      withdrawals: this.planning.withdrawals,
      positions: () => {
        const folded = { seq: this.activity.position, streamCreated };
        const { positions } = this.matching;
        // a start has to read again what a batch goes on after, until that is planned
        return new Map(this.planning.isGoingOn ? positions : [[STREAMS.activity, folded], ...positions]);
      },
      plansStored: () => this.planning.stored(),
    });
    await this.matching.start();
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    // together: a batch in work may wait until plans are stored, which a server that hangs never takes
    await Promise.all([this.matching.stop(), this.activity.stop(), this.planning.stop()]);
    await this.planning.turnsDone();
    await this.checkpoints.stop();
  }
}
