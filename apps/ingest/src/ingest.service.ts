import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ACK_WAIT_MS, JetStreamServer } from '@signalbox/bus';
import { STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { FactRetention } from './fact-retention.js';
import { GroupDirectory } from './group-directory.js';
import { INTAKE_HANDLER } from './offers.controller.js';
import { Receivers } from './receiver/receivers.js';
import { SiteIntake } from './site-intake.js';

/** Facts of INTAKE handled at the same time. */
const INTAKE_CONCURRENCY = 500;

/** Starts and stops the ways in, and keeps them in line with the declared groups. */
@Injectable()
export class IngestService implements OnApplicationBootstrap, OnApplicationShutdown {
  private ready = false;

  constructor(
    private readonly directory: GroupDirectory,
    private readonly server: JetStreamServer,
    private readonly intake: SiteIntake,
    private readonly receivers: Receivers,
    private readonly retention: FactRetention,
    health: Health,
  ) {
    health.register('ingest', () => (this.ready ? undefined : 'loading the groups'));
  }

  async onApplicationBootstrap(): Promise<void> {
    const { book } = this.directory;
    await book.load();
    await this.declare();
    book.follow(async (revision) => {
      await this.declare();
      book.mark(revision);
    });
    await book.caughtUp();
    await this.server.bind({
      handler: INTAKE_HANDLER,
      service: 'ingest',
      stream: STREAMS.intake,
      durable: 'ingest',
      filter: SUBJECTS.intake,
      description: 'ingest: takes in what was published on events.>',
      concurrency: INTAKE_CONCURRENCY,
      ackWaitMs: ACK_WAIT_MS,
    });
    this.retention.start();
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.directory.book.stop();
    await this.retention.stop();
    await this.receivers.stop();
    await this.intake.stop();
  }

  private async declare(): Promise<void> {
    const { groups, peers } = this.directory.read();
    await this.intake.declare(groups);
    this.directory.replace(groups);
    this.retention.declare(groups, peers);
    await this.receivers.apply(groups);
  }
}
