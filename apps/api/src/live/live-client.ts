import { catchUp, type LateMember } from './catch-up.js';
import type { EventConnection } from './event-connection.js';
import type { Feed, FeedItem } from './feed.js';
import type { Feeds } from './feeds.js';
import { type EventContent, isWanted, type LiveEvent } from './live-event.js';
import { FIRST_SOURCES, type Source } from './sources.js';
import type { StreamWish } from './stream-kinds.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { behindOf, firstId, type Place, placeText, type StreamPosition } from './stream-position.js';
import type { Turns } from './turns.js';

const NOWHERE: Place = { seq: 0 };

/** One client: which events it gets, and how far it has got in each source. */
export class LiveClient implements LateMember {
  private readonly places: Map<string, Place>;
  /** Each place as it stands in the ids. */
  private readonly texts: Map<string, string>;
  private readonly hasFirstIds: boolean;
  private readonly feeds = new Map<string, Promise<Feed | undefined>>();
  /** A source that waits until another one is that far. */
  private held: { readonly source: string; readonly for: string; readonly seq: number } | undefined;
  /** Sources of which it becomes a member just now. */
  private readonly joining = new Set<string>();
  private toldId = '';

  constructor(
    private readonly connection: EventConnection,
    private readonly wish: StreamWish,
    private readonly sources: readonly Source[],
    start: StreamPosition,
    private readonly turns: Turns,
  ) {
    this.places = new Map(start);
    this.texts = new Map(sources.map(({ name }) => [name, placeText(name, this.placeIn(name))]));
    const first = new Set(FIRST_SOURCES.map(({ name }) => name));
    this.hasFirstIds = sources.every(({ name }) => first.has(name));
    connection.beside = () => this.idAlone();
  }

  /**
   * The present state comes first, without an id until all of it was sent: a client that is cut off in the middle
   * must get it again. Then records, those of one source in their order.
   */
  async present(events: readonly LiveEvent[]): Promise<void> {
    await this.connection.open();
    const last = events.length - 1;
    for (const [index, { text }] of events.entries()) {
      const id = index === last ? `id: ${this.markedId()}\n` : '';
      if (!(await this.connection.send(id + text))) return;
    }
    if (last < 0) await this.connection.send(`id: ${this.markedId()}\n\n`);
  }

  /** Sends what comes, until the client is gone. */
  async follow(feeds: Feeds): Promise<void> {
    const broken = this.sources.map((source) => this.read(source, feeds));
    try {
      await Promise.race([this.gone, ...broken.map((one) => one.then(() => this.gone))]);
    } finally {
      await this.connection.close();
      await Promise.allSettled(broken);
      for (const feed of this.feeds.values()) (await feed.catch(() => undefined))?.leave(this);
      await Promise.all(this.sources.map((source) => feeds.release(source)));
    }
  }

  get gone(): Promise<void> {
    return this.connection.closed;
  }

  placeIn(source: string): Place {
    return this.places.get(source) ?? NOWHERE;
  }

  take(source: string, items: readonly FeedItem[]): boolean {
    let text = '';
    for (const { seq, events } of items) {
      const { seq: at, passed } = this.placeIn(source);
      if (seq < at || (seq === at && passed === undefined)) continue;
      for (let index = seq === at ? (passed ?? 0) : 0; index < events.length; index += 1) {
        const event = events[index]!;
        if (!isWanted(this.wish, event.content)) continue;
        if (this.isEarly(source, event.content)) {
          this.move(source, index === 0 ? { seq: seq - 1 } : { seq, passed: index });
          return this.flush(source, text, false);
        }
        this.move(source, index === events.length - 1 ? { seq } : { seq, passed: index + 1 });
        text += `id: ${this.markedId()}\n${event.text}`;
        if (text.length < STREAM_LIMITS.writeChars) continue;
        if (!this.flush(source, text, true)) return false;
        text = '';
      }
      this.move(source, { seq });
    }
    return this.flush(source, text, true);
  }

  skipTo(source: string, seq: number): void {
    if (behindOf(this.placeIn(source)) < seq) this.move(source, { seq });
  }

  async goesOn(source: string): Promise<boolean> {
    return (await this.connection.room()) && this.held?.source !== source;
  }

  private async read(source: Source, feeds: Feeds): Promise<void> {
    const held = feeds.hold(source);
    this.feeds.set(source.name, held);
    const feed = await held;
    if (feed) await this.bring(feed);
  }

  /** Until it is a member of the feed, or cannot go on; whatever lets it go on brings it again. */
  private async bring(feed: Feed): Promise<void> {
    const { name } = feed.source;
    if (this.joining.has(name)) return;
    this.joining.add(name);
    try {
      while (await this.goesOn(name)) {
        if (!feed.join(this)) await this.turns.run(() => catchUp(feed, this));
        else if (feed.has(this)) return;
      }
    } finally {
      this.joining.delete(name);
    }
    if (this.connection.isOpen && this.held?.source !== name) await this.bring(feed);
  }

  /** Writes; `false` when it has to stop here, and sees to it that it goes on when it can. */
  private flush(source: string, text: string, mayGoOn: boolean): boolean {
    this.connection.push(text);
    this.letGoOn(source);
    if (mayGoOn && this.connection.isOpen && this.connection.hasRoom) return true;
    void this.bringAgain(source);
    return false;
  }

  private async bringAgain(source: string): Promise<void> {
    const feed = await this.feeds.get(source);
    if (feed && !feed.has(this)) await this.bring(feed);
  }

  private isEarly(source: string, { after }: EventContent): boolean {
    if (!after || !this.feeds.has(after.source)) return false;
    if (behindOf(this.placeIn(after.source)) >= after.seq) return false;
    this.held = { source, for: after.source, seq: after.seq };
    return true;
  }

  private letGoOn(moved: string): void {
    const { held } = this;
    if (held?.for !== moved || behindOf(this.placeIn(moved)) < held.seq) return;
    this.held = undefined;
    void this.bringAgain(held.source);
  }

  private move(source: string, place: Place): void {
    this.places.set(source, place);
    this.texts.set(source, placeText(source, place));
  }

  private markedId(): string {
    this.toldId = this.hasFirstIds ? firstId(this.places) : [...this.texts.values()].join(',');
    return this.toldId;
  }

  /** A block that moves the id over what the client did not want, so that it does not fall behind what is kept. */
  private idAlone(): string {
    const told = this.toldId;
    return told === '' || told === this.markedId() ? '' : `id: ${this.toldId}\n\n`;
  }
}
