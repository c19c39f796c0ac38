import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ACK_WAIT_MS, Bus, JetStreamServer } from '@signalbox/bus';
import {
  type EventGroupSpec,
  type EventPeerSpec,
  FEDERATION_API,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
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
  private readonly book = new ResourceBook('ingest');
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    private readonly intake: SiteIntake,
    private readonly receivers: Receivers,
    private readonly groups: GroupDirectory,
    private readonly retention: FactRetention,
    health: Health,
  ) {
    health.register('ingest', () => (this.ready ? undefined : 'loading the groups'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.book.load(this.bus, this.dataSource);
    await this.declare();
    this.book.follow(this.bus, async (revision) => {
      await this.declare();
      const mark: Watermark = { service: 'ingest', stream: STREAMS.journal, seq: revision };
      this.bus.tell(mark);
    });
    await this.book.caughtUp();
    await this.server.bind({
      handler: INTAKE_HANDLER,
      service: 'ingest',
      stream: STREAMS.intake,
      durable: 'ingest',
      filter: SUBJECTS.intake,
      concurrency: INTAKE_CONCURRENCY,
      ackWaitMs: ACK_WAIT_MS,
    });
    this.retention.start();
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.book.stop();
    await this.retention.stop();
    await this.receivers.stop();
    await this.intake.stop();
  }

  private async declare(): Promise<void> {
    const peers = this.book.ofKind(FEDERATION_API, 'EventPeer').map(({ resource: { metadata, spec } }) => ({
      name: metadata.name,
      spec: spec as unknown as EventPeerSpec,
    }));
    const groups = new Map(
      this.book.ofKind(FEDERATION_API, 'EventGroup').map(({ resource: { metadata, spec } }) => {
        const group = spec as unknown as EventGroupSpec;
        const nodes = peers
          .filter((peer) => peer.spec.groupRef === metadata.name)
          .map((peer) => peer.spec.nodeName);
        return [metadata.name, withMembers(group, nodes)] as const;
      }),
    );
    await this.intake.declare(groups);
    this.groups.replace(groups);
    this.retention.declare(groups, peers);
    await this.receivers.apply(groups);
  }
}

/** A group that names its members counts its peers as members too (spec/federation "Also checked"). */
function withMembers(group: EventGroupSpec, peers: readonly string[]): EventGroupSpec {
  if (!group.members || group.members.length === 0) return group;
  return { ...group, members: [...new Set([...group.members, ...peers])] };
}
