import type { ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type Principal } from '@signalbox/contracts';
import { LOG, type Log } from '@signalbox/runtime';
import { AlarmWatch } from './alarm-watch.js';
import { EventConnection } from './event-connection.js';
import { Feeds } from './feeds.js';
import { LiveClient } from './live-client.js';
import type { StreamWish } from './stream-kinds.js';
import { STREAM_LIMITS } from './stream-limits.js';
import type { StreamPosition } from './stream-position.js';
import { StreamStarts } from './stream-starts.js';
import { Turns } from './turns.js';

/** An open stream: who reads it, and when it has ended. */
interface OpenStream {
  readonly principal: Principal | undefined;
  readonly ended: Promise<void>;
}

/** All open event streams of this process. */
@Injectable()
export class LiveStreams implements BeforeApplicationShutdown {
  private readonly streams = new Map<EventConnection, OpenStream>();
  private readonly presentTurns = new Turns(STREAM_LIMITS.presentReads);
  private readonly catchUpTurns = new Turns(STREAM_LIMITS.catchUps);
  private opening = 0;
  private closing = false;

  constructor(
    @Inject(LOG) private readonly log: Log,
    private readonly bus: Bus,
    private readonly starts: StreamStarts,
    private readonly feeds: Feeds,
    private readonly alarms: AlarmWatch,
  ) {}

  /** Streams that are open, or about to be. */
  get size(): number {
    return this.streams.size + this.opening;
  }

  /**
   * Opens a stream. `takeOver` is called once nothing can be refused any more and gives the raw answer.
   * Throws `not-ready` when there are too many, or at shutdown.
   */
  async open(
    wish: StreamWish,
    resume: StreamPosition | undefined,
    takeOver: () => ServerResponse,
    principal?: Principal,
  ): Promise<void> {
    this.refuseMore();
    this.opening += 1;
    try {
      await this.presentTurns.run(async () => {
        const { events, position, sources } = await this.starts.of(wish, resume);
        this.refuseAtShutdown();
        const connection = new EventConnection(takeOver());
        const client = new LiveClient(connection, wish, sources, position, this.catchUpTurns);
        const presented = client.present(events);
        const ended = this.run(
          connection,
          presented.then(() => this.follow(wish, connection, client)),
        );
        this.streams.set(connection, { principal, ended });
        await presented.catch(() => undefined);
      });
    } finally {
      this.opening -= 1;
    }
  }

  /** Ends the streams of those who may not read any more; they are refused when they come again. */
  end(mayNotRead: (principal: Principal) => boolean): void {
    for (const [connection, { principal }] of this.streams)
      if (principal && mayNotRead(principal)) void connection.close();
  }

  /** An open answer would keep the HTTP server from closing. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    const open = [...this.streams];
    await Promise.all(open.map(([connection]) => connection.close()));
    await Promise.all(open.map(([, { ended }]) => ended));
  }

  private async follow(wish: StreamWish, connection: EventConnection, client: LiveClient): Promise<void> {
    const leave = wish.kinds.has('alarm') ? this.alarms.follow(connection, wish) : undefined;
    try {
      await client.follow(this.feeds);
    } finally {
      leave?.();
    }
  }

  private async run(connection: EventConnection, ended: Promise<void>): Promise<void> {
    try {
      await ended;
    } catch (err) {
      if (!this.bus.outages.explain(err)) this.log.error({ err }, 'an event stream broke');
      await connection.close();
    } finally {
      this.streams.delete(connection);
    }
  }

  private refuseMore(): void {
    this.refuseAtShutdown();
    if (this.size < STREAM_LIMITS.streams) return;
    throw new CodedError(
      'not-ready',
      `${STREAM_LIMITS.streams} event streams are open already: try again later`,
    );
  }

  private refuseAtShutdown(): void {
    if (this.closing) throw new CodedError('not-ready', 'the api is shutting down: connect again later');
  }
}
