import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Bus } from '@signalbox/bus';
import { Callers } from './callers.js';
import { RefusedAttempts } from './refused-attempts.js';
import { StreamTickets } from './stream-tickets.js';
import { TokenBook } from './token-book.js';
import { TokenGuard } from './token.guard.js';

/** Bearer tokens for the processes that have REST routes. */
@Module({
  providers: [
    TokenBook,
    Callers,
    RefusedAttempts,
    StreamTickets,
    { provide: APP_GUARD, useClass: TokenGuard },
  ],
  exports: [TokenBook, Callers, RefusedAttempts, StreamTickets],
})
export class AuthModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly bus: Bus,
    private readonly tokens: TokenBook,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.tokens.start(this.bus);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tokens.stop();
  }
}
