import type { ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import { LOG, type Log } from '@signalbox/runtime';
import { horizonOf } from '@signalbox/store';
import { EventConnection } from './event-connection.js';
import { LiveStream } from './live-stream.js';
import { PresentState } from './present-state.js';
import type { StreamEvent, StreamWish } from './stream-event.js';
import { STREAM_LIMITS } from './stream-limits.js';
import type { StreamPosition } from './stream-position.js';

/** Where a client's stream begins. */
export interface StreamStart {
  readonly events: readonly StreamEvent[];
  readonly position: StreamPosition;
}

/** All open event streams of this process. */
@Injectable()
export class LiveStreams implements BeforeApplicationShutdown {
  private readonly connections = new Map<EventConnection, Promise<void>>();
  private opening = 0;
  private closing = false;

  constructor(
    @Inject(LOG) private readonly log: Log,
    private readonly bus: Bus,
    private readonly present: PresentState,
  ) {}

  /** Streams that are open, or about to be. */
  get size(): number {
    return this.connections.size + this.opening;
  }

  /**
   * Opens a stream. `takeOver` is called once nothing can be refused any more and gives the raw answer.
   * Throws `not-ready` when there are too many, or at shutdown.
   */
  async open(
    wish: StreamWish,
    resume: StreamPosition | undefined,
    takeOver: () => ServerResponse,
  ): Promise<void> {
    this.refuseMore();
    this.opening += 1;
    try {
      const { events, position } = await this.startOf(wish, resume);
      this.refuseAtShutdown();
      const connection = new EventConnection(takeOver());
      const stream = new LiveStream(this.bus, connection, wish, position);
      this.connections.set(connection, this.run(connection, stream.run(events)));
    } finally {
      this.opening -= 1;
    }
  }

  /** An open answer would keep the HTTP server from closing. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    const open = [...this.connections];
    await Promise.all(open.map(([connection]) => connection.close()));
    await Promise.all(open.map(([, ended]) => ended));
  }

  private async run(connection: EventConnection, ended: Promise<void>): Promise<void> {
    try {
      await ended;
    } catch (err) {
      if (!this.bus.outages.explain(err)) this.log.error({ err }, 'an event stream broke');
      await connection.close();
    } finally {
      this.connections.delete(connection);
    }
  }

  /**
   * Ids beyond the end are of a stream that was made anew since, and of what came behind ids that are no longer kept something may
   * be gone: such a client needs the present state.
   */
  private async startOf(wish: StreamWish, resume: StreamPosition | undefined): Promise<StreamStart> {
    if (!resume) return this.present.read(wish);
    const last = (await streamInfo(this.bus.manager, STREAMS.activity))?.state.last_seq ?? 0;
    if (Math.max(...Object.values(resume)) > last) return this.present.read(wish);
    // the position of a kind that is not wanted does not move
    const first = Math.min(...wish.kinds.map((kind) => resume[kind]));
    if (first < (await horizonOf(this.bus))) return this.present.read(wish);
    return { events: [], position: resume };
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
