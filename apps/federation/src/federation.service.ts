import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { Health } from '@signalbox/runtime';
import { Projectors, ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { wantedPeers } from './domain/wanted-peer.js';
import { PeerLanes } from './peer-lanes.js';

/** Starts and stops deliveries and keeps them in line with the journal. */
@Injectable()
export class FederationService
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly book: ResourceBook;
  private isLive = false;
  private isReady = false;

  constructor(
    bus: Bus,
    dataSource: DataSource,
    private readonly tables: Projectors,
    private readonly lanes: PeerLanes,
    health: Health,
  ) {
    this.book = new ResourceBook('federation', bus, dataSource);
    health.register('federation', () => (this.isReady ? undefined : 'reading the journal'));
  }

  /** The table first, because new consumers read it; then the journal to its end, because only its end counts. */
  async onApplicationBootstrap(): Promise<void> {
    await this.tables.start();
    await this.tables.caughtUp();
    await this.book.start(async () => {
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
    await this.tables.stop();
  }

  private async settle(): Promise<void> {
    const seq = this.book.revision;
    await this.lanes.apply(wantedPeers(this.book.all().map(({ resource }) => resource)));
    this.book.mark(seq);
  }
}
