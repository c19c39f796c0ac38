import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, isValid, TokenBook } from '@signalbox/runtime';
import { LiveStreams } from './live-streams.js';

/** So much later than its token an event stream ends at most. Milliseconds. */
const EXPIRY_MS = 10_000;

/** Ends the event streams of callers whose token was revoked, at once, and of those whose token expired. */
@Injectable()
export class EndedRights implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tokens: TokenBook,
    private readonly streams: LiveStreams,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.tokens.whenRevoked(({ subject }) => this.streams.end((reader) => reader.subject === subject));
    this.timer = setInterval(() => this.endExpired(), EXPIRY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private endExpired(): void {
    const nowMs = this.clock.now();
    this.streams.end((reader) => !isValid(reader, nowMs));
  }
}
