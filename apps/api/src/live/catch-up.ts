import { Follower, type StreamMessage } from '@signalbox/bus';
import { type Feed, FeedItem, type FeedMember } from './feed.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { behindOf } from './stream-position.js';

/** Who is behind a feed: reads at its own pace. */
export interface LateMember extends FeedMember {
  /** Nothing is left of the source up to here. */
  skipTo(source: string, seq: number): void;
  /** Whether it can go on taking from a source; resolves late when its connection is full. */
  goesOn(source: string): Promise<boolean>;
  /** Resolves when it has left. */
  readonly gone: Promise<void>;
}

/**
 * Reads for one client what its feed does not keep any more: a turn of at most so many messages, so that all who are behind get on.
 * Ends sooner when it has joined the feed, or cannot go on.
 */
export async function catchUp(feed: Feed, member: LateMember): Promise<void> {
  const { source, bus } = feed;
  const [behind, floor] = [behindOf(member.placeIn(source.name)), feed.keptFrom];
  let left = STREAM_LIMITS.catchUpMessages;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let isOver = false;
  const takeAll = async (batch: readonly StreamMessage[]): Promise<boolean> => {
    const items = batch.map((message) => new FeedItem(source, message));
    while (!member.take(source.name, items)) if (!(await member.goesOn(source.name))) return false;
    left -= batch.length;
    return left > 0 && !feed.join(member);
  };
  const follower = new Follower(bus, {
    service: 'api',
    name: `event stream of ${source.name} from before`,
    stream: source.stream,
    filter: source.filter,
    fromSeq: behind + 1,
    onBatch: async (batch) => {
      if (isOver || (await takeAll(batch))) return;
      isOver = true;
      end();
    },
  });
  void follower.caughtUp.then(() => {
    if (isOver) return;
    if (behindOf(member.placeIn(source.name)) === behind) feed.nothingBetween(behind, floor);
    member.skipTo(source.name, floor);
    end();
  });
  await Promise.race([ended, member.gone]);
  isOver = true;
  await follower.stop();
}
