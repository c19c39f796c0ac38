import { Injectable } from '@nestjs/common';
import {
  Bus,
  deleteDurable,
  ensureDurable,
  existingStream,
  factsDefinition,
  JetStreamServer,
} from '@signalbox/bus';
import { factsStream, groupOfStream, SUBJECTS } from '@signalbox/contracts';
import { isDeliveryDurable } from './domain/peer-durable.js';
import { DELIVERY_LIMITS } from './limits.js';

/** Name of the handler behind every peer's consumer. */
export const DELIVERIES_HANDLER = 'deliveries';

/** Where the consumers of a group stand. */
export interface ConsumerSurvey {
  /** Delivery durables of the group → sequence up to which everything is acked. */
  readonly floors: ReadonlyMap<string, number>;
  /** Last sequence of the group's stream. */
  readonly lastSeq: number;
}

/** Where one peer stands in the stream of its group. */
export interface PeerProgress {
  readonly doneUpTo: number;
  readonly due: number;
}

/** The durable consumers of peers on the server: one per peer, on our own facts only (T16). */
@Injectable()
export class PeerConsumers {
  constructor(
    private readonly bus: Bus,
    private readonly server: JetStreamServer,
  ) {}

  async survey(group: string): Promise<ConsumerSurvey> {
    const { state } = await existingStream(this.bus.manager, factsDefinition(group));
    return { floors: await this.floorsOf(factsStream(group)), lastSeq: state.last_seq };
  }

  /** How far a peer has got: all facts up to `doneUpTo` need nothing more, `due` behind it are not done with. */
  async progress(group: string, durable: string): Promise<PeerProgress> {
    const info = await this.bus.manager.consumers.info(factsStream(group), durable);
    return { doneUpTo: info.ack_floor.stream_seq, due: info.num_pending + info.num_ack_pending };
  }

  /** Makes the durable, if it is missing. */
  async create(group: string, durable: string): Promise<void> {
    await ensureDurable(this.bus, consumerOf(group, durable));
  }

  /** Starts to hand its messages out. */
  async bind(group: string, durable: string): Promise<void> {
    const consumer = consumerOf(group, durable);
    await this.server.bind({ ...consumer, handler: DELIVERIES_HANDLER, service: 'federation' });
  }

  /** Stops handing messages out; the durable keeps its place. */
  unbind(durable: string): Promise<void> {
    return this.server.unbind(durable);
  }

  async remove(group: string, durable: string): Promise<void> {
    await deleteDurable(this.bus, factsStream(group), durable);
  }

  /** Removes delivery durables that nobody wants any more, in all groups, also deleted ones. */
  async sweep(wanted: ReadonlySet<string>): Promise<void> {
    for await (const stream of this.bus.manager.streams.names()) {
      const group = groupOfStream(stream);
      if (group === undefined) continue;
      const floors = await this.floorsOf(stream);
      const stale = [...floors.keys()].filter((durable) => !wanted.has(durable));
      await Promise.all(stale.map((durable) => this.remove(group, durable)));
    }
  }

  private async floorsOf(stream: string): Promise<Map<string, number>> {
    const floors = new Map<string, number>();
    for await (const { name, ack_floor: floor } of this.bus.manager.consumers.list(stream)) {
      if (isDeliveryDurable(name)) floors.set(name, floor.stream_seq);
    }
    return floors;
  }
}

function consumerOf(group: string, durable: string): Parameters<typeof ensureDurable>[1] {
  return {
    stream: factsStream(group),
    filter: SUBJECTS.ownFacts(group),
    durable,
    description: `federation: facts of ${group} for one peer`,
    concurrency: DELIVERY_LIMITS.maxInFlight,
    ackWaitMs: DELIVERY_LIMITS.ackWaitMs,
  };
}
