import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { STREAMS, type Watermark } from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { deliveriesProjection, Projector, ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { wantedPeers } from './domain/wanted-peer.js';
import { PeerLanes } from './peer-lanes.js';

/** Starts and stops deliveries and keeps them in line with the journal. */
@Injectable()
export class FederationService
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly book = new ResourceBook('federation');
  private projector: Projector | undefined;
  private isLive = false;
  private isReady = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly lanes: PeerLanes,
    health: Health,
  ) {
    health.register('federation', () => (this.isReady ? undefined : 'reading the journal'));
  }

  /** The table first, because new consumers read it; then the journal to its end, because only its end counts. */
  async onApplicationBootstrap(): Promise<void> {
    this.projector = await Projector.start(this.bus, this.dataSource, deliveriesProjection);
    await this.projector.caughtUp;
    await this.book.start(this.bus, this.dataSource, async () => {
      if (this.isLive) await this.settle();
    });
    this.isLive = true;
    await this.settle();
    await this.lanes.sweep();
    this.isReady = true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.book.stop();
    await this.lanes.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.projector?.stop();
  }

  private async settle(): Promise<void> {
    const seq = this.book.revision;
    await this.lanes.apply(wantedPeers(this.book.all().map(({ resource }) => resource)));
    const mark: Watermark = { service: 'federation', stream: STREAMS.journal, seq };
    this.bus.tell(mark);
  }
}
