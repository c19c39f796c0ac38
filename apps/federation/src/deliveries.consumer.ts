import { Ctx, Payload } from '@nestjs/microservices';
import { MessageController, OnRequest, OnStream, RetryLater, StreamContext } from '@signalbox/bus';
import { type Alarm, decodeFactRecord, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { DELIVERY_LIMITS } from './limits.js';
import { DELIVERIES_HANDLER, type PeerProgress } from './peer-consumers.js';
import type { LaneCondition } from './peer-lane.js';
import { PeerLanes } from './peer-lanes.js';

/** Every message of a peer's consumer: a fact of ours that it may be waiting for. */
@MessageController()
export class DeliveriesConsumer {
  private readonly read: () => Alarm[];

  constructor(
    private readonly lanes: PeerLanes,
    alarms: Alarms,
  ) {
    this.read = alarms.register('federation', () => lanes.alarms());
  }

  @OnStream(DELIVERIES_HANDLER)
  async deliver(@Payload() data: Uint8Array, @Ctx() { message }: StreamContext): Promise<void> {
    const record = decodeFactRecord(data);
    const { consumer, stream, streamSequence: seq, redeliveryCount: deliveries } = message.info;
    const lane = this.lanes.laneOf(consumer);
    if (!lane) throw new RetryLater(DELIVERY_LIMITS.giveBackMs);
    await lane.deliver({ record, stream, seq, subject: message.subject, data, deliveries });
  }

  /** How deliveries to all peers stand right now. */
  @OnRequest(SUBJECTS.ask('federation', 'peers'))
  async peers(): Promise<{ readonly peers: readonly (LaneCondition & PeerProgress)[] }> {
    return { peers: await this.lanes.progress() };
  }

  @OnRequest(SUBJECTS.ask('federation', 'alarms'))
  alarms(): { readonly alarms: readonly Alarm[] } {
    return { alarms: this.read() };
  }
}
