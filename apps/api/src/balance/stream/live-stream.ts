import { type Bus, Follower, type StreamMessage } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import type { EventConnection } from './event-connection.js';
import {
  eventOf,
  isWanted,
  type StreamEvent,
  type StreamKind,
  type StreamWish,
  SUBJECT_OF_KIND,
} from './stream-event.js';
import { eventId, type StreamPosition } from './stream-position.js';

/** One client that follows backends, frontends and nodes. */
export class LiveStream {
  private position: StreamPosition;
  private followers: readonly Follower[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly connection: EventConnection,
    private readonly wish: StreamWish,
    start: StreamPosition,
  ) {
    this.position = start;
  }

  /**
   * The present state comes first, without an id until all of it was sent: a client that is cut off in the middle
   * must get it again. Then records, each kind in the order of its stream. Resolves when the client is gone.
   */
  async run(present: readonly StreamEvent[]): Promise<void> {
    await this.connection.open();
    for (const [index, event] of present.entries()) {
      const id = index === present.length - 1 ? { id: eventId(this.position) } : {};
      await this.connection.send({ ...id, event: event.type, data: event });
    }
    if (present.length === 0) await this.connection.send({ id: eventId(this.position) });
    if (this.connection.isOpen) this.followers = this.wish.kinds.map((kind) => this.follow(kind));
    await this.connection.closed;
    await Promise.all(this.followers.map((follower) => follower.stop()));
  }

  private follow(kind: StreamKind): Follower {
    return new Follower(this.bus, {
      service: 'api',
      name: `event stream of ${kind}s`,
      stream: STREAMS.activity,
      filter: SUBJECT_OF_KIND[kind],
      fromSeq: this.position[kind] + 1,
      onBatch: async (batch) => {
        for (const message of batch) await this.pass(kind, message);
      },
    });
  }

  private async pass(kind: StreamKind, { seq, data }: StreamMessage): Promise<void> {
    if (seq <= this.position[kind]) return;
    const event = eventOf(kind, data);
    this.position = { ...this.position, [kind]: seq };
    if (!event || !isWanted(this.wish, event)) return;
    await this.connection.send({ id: eventId(this.position), event: event.type, data: event });
  }
}
