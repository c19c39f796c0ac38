import { Injectable } from '@nestjs/common';
import { Bus, getLast, untilStream } from '@signalbox/bus';
import { Feed } from './feed.js';
import type { Source } from './sources.js';

/** A feed and how many clients need it. */
interface Held {
  holders: number;
  readonly feed: Promise<Feed | undefined>;
  readonly abort: AbortController;
  /** Set once it reads. */
  reading?: Feed;
}

/** The feeds that somebody follows; nothing is read of what nobody does. */
@Injectable()
export class Feeds {
  private readonly held = new Map<string, Held>();

  constructor(private readonly bus: Bus) {}

  /** Sources that are read now. */
  get open(): string[] {
    return [...this.held.keys()];
  }

  /** What the fullest of them keeps, bytes. */
  get mostBytes(): number {
    return Math.max(0, ...[...this.held.values()].map(({ reading }) => reading?.keptBytes ?? 0));
  }

  /** The feed of a source, from its first holder on; undefined when nobody needs it any more by the time that its stream is there. */
  hold(source: Source): Promise<Feed | undefined> {
    const known = this.held.get(source.name);
    if (known) {
      known.holders += 1;
      return known.feed;
    }
    const abort = new AbortController();
    const feed = this.begin(source, abort.signal);
    const held: Held = { holders: 1, abort, feed };
    feed.then(
      (begun) => begun && (held.reading = begun),
      () => undefined, // whoever holds it is told
    );
    this.held.set(source.name, held);
    return held.feed;
  }

  /** The counterpart of each {@link hold}. */
  async release({ name }: Source): Promise<void> {
    const held = this.held.get(name);
    if (!held || --held.holders > 0) return;
    this.held.delete(name);
    held.abort.abort();
    await (await held.feed.catch(() => undefined))?.stop();
  }

  private async begin(source: Source, signal: AbortSignal): Promise<Feed | undefined> {
    if (!(await untilStream(this.bus, source.stream, signal))) return undefined;
    const last = await getLast(this.bus, source.stream, source.filter);
    return new Feed(this.bus, source, last?.seq ?? 0);
  }
}
