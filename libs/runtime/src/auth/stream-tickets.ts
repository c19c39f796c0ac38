import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BOUNDS, CodedError, formatTime, type Principal, sha256Hex } from '@signalbox/contracts';
import { Clock } from '../clock.js';

/** How long a ticket may be used. Milliseconds. */
export const TICKET_MS = 30_000;

/** Tickets look like `sbt_` + 43 characters, and only their hash is kept. */
const PREFIX = 'sbt_';

/** Who asked for a ticket, by when it has to be used. */
interface Given {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** A ticket in clear. */
export interface StreamTicket {
  readonly ticket: string;
  readonly expiresAt: string;
}

/**
 * What lets a browser read a stream: a native `EventSource` sends no headers, and a token does not belong in a URL, which ends up
 * in logs and histories. A ticket is good for one request within {@link TICKET_MS}, and for no more than who asked for it. Known to
 * this process only, and gone with it.
 */
@Injectable()
export class StreamTickets {
  private readonly byHash = new Map<string, Given>();

  constructor(private readonly clock: Clock) {}

  /** Tickets that nobody has used yet. */
  get size(): number {
    this.forget(this.clock.now());
    return this.byHash.size;
  }

  /** Throws `not-ready` while too many are out that nobody has used. */
  give(principal: Principal): StreamTicket {
    const nowMs = this.clock.now();
    this.forget(nowMs);
    if (this.byHash.size >= BOUNDS.streamTickets)
      throw new CodedError(
        'not-ready',
        `${BOUNDS.streamTickets} tickets wait to be used: try again in ${TICKET_MS / 1000} s`,
      );
    const ticket = PREFIX + randomBytes(32).toString('base64url');
    const untilMs = nowMs + TICKET_MS;
    this.byHash.set(sha256Hex(ticket), { principal, untilMs });
    return { ticket, expiresAt: formatTime(untilMs) };
  }

  /** Who asked for a ticket; undefined when it is over, was used, or never was one. It is used up by this. */
  take(ticket: string): Principal | undefined {
    if (!ticket.startsWith(PREFIX)) return undefined;
    const hash = sha256Hex(ticket);
    const given = this.byHash.get(hash);
    this.byHash.delete(hash);
    return given !== undefined && given.untilMs > this.clock.now() ? given.principal : undefined;
  }

  /** They stand in the order in which they end. */
  private forget(nowMs: number): void {
    for (const [hash, { untilMs }] of this.byHash) {
      if (untilMs > nowMs) return;
      this.byHash.delete(hash);
    }
  }
}
