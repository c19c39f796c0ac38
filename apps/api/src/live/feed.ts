import { type Bus, Follower, type StreamMessage } from '@signalbox/bus';
import { eventsOf } from './events-of-source.js';
import { LiveEvent } from './live-event.js';
import type { Source } from './sources.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { behindOf, type Place } from './stream-position.js';

/** One message of a source as clients get it; what it tells is read once, when the first one looks. */
export class FeedItem {
  private read: readonly LiveEvent[] | undefined;

  constructor(
    private readonly source: Source,
    private readonly message: StreamMessage,
  ) {}

  get seq(): number {
    return this.message.seq;
  }

  get bytes(): number {
    return this.message.data.length;
  }

  get events(): readonly LiveEvent[] {
    this.read ??= eventsOf(this.source, this.message).map((content) => new LiveEvent(content));
    return this.read;
  }
}

/** Who gets what a feed reads. */
export interface FeedMember {
  /** How far it has got. */
  placeIn(source: string): Place;
  /**
   * Takes messages that stand in order, from those on that it has not got yet. `false`: it has stopped before the end of them, is no
   * member any more and asks again when it can go on. Must not wait: others are behind it.
   */
  take(source: string, items: readonly FeedItem[]): boolean;
}

/**
 * The one reader of a source for all clients of this process. It never waits for one of them: who cannot take what comes is let go
 * with its place, and joins again from what is kept of the newest messages, or by a {@link CatchUp}.
 */
export class Feed {
  private readonly members = new Set<FeedMember>();
  private readonly newest: FeedItem[] = [];
  private bytes = 0;
  private readonly follower: Follower;

  /** `floor`: behind it, every message of the source is read here. */
  constructor(
    readonly bus: Bus,
    readonly source: Source,
    private floor: number,
  ) {
    this.follower = new Follower(bus, {
      service: 'api',
      name: `event stream of ${source.name}`,
      stream: source.stream,
      filter: source.filter,
      fromSeq: floor + 1,
      onBatch: (batch) => Promise.resolve(this.pass(batch)),
    });
  }

  /** Every message behind it is kept here, or comes. */
  get keptFrom(): number {
    return this.floor;
  }

  /** How much is kept of the newest messages. */
  get keptBytes(): number {
    return this.bytes;
  }

  has(member: FeedMember): boolean {
    return this.members.has(member);
  }

  /** Hands over what is kept and makes a member of who took all of it. `false` when that does not reach back far enough. */
  join(member: FeedMember): boolean {
    const behind = behindOf(member.placeIn(this.source.name));
    if (behind < this.floor) return false;
    const first = this.newest.findIndex(({ seq }) => seq > behind);
    const missed = first === -1 ? [] : this.newest.slice(first);
    if (member.take(this.source.name, missed)) this.members.add(member);
    return true;
  }

  leave(member: FeedMember): void {
    this.members.delete(member);
  }

  /** Nothing of the source stands between these two: who has got as far as the first one needs nothing from before the second. */
  nothingBetween(place: number, floor: number): void {
    if (this.floor === floor) this.floor = Math.min(this.floor, place);
  }

  stop(): Promise<void> {
    this.members.clear();
    return this.follower.stop();
  }

  private pass(batch: readonly StreamMessage[]): void {
    const items = batch.map((message) => new FeedItem(this.source, message));
    this.keep(items);
    for (const member of [...this.members])
      if (!member.take(this.source.name, items)) this.members.delete(member);
  }

  private keep(items: readonly FeedItem[]): void {
    const { newest } = this;
    for (const item of items) this.bytes += item.bytes;
    newest.push(...items);
    let gone = 0;
    while (
      newest.length - gone > STREAM_LIMITS.feedMessages ||
      (this.bytes > STREAM_LIMITS.feedBytes && gone < newest.length)
    ) {
      const item = newest[gone]!;
      this.bytes -= item.bytes;
      this.floor = item.seq;
      gone += 1;
    }
    newest.splice(0, gone);
  }
}
