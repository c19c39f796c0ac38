import { Presence } from '@signalbox/bus';
import pg from 'pg';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { type StoreAccess, tlsOf } from './store-access.js';
import { isUnavailable, saysItIsAway } from './unavailable.js';

/** Where it is told that Postgres went and came back. */
export interface LinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const FIRST_PROBE_MS = 100;
const LAST_PROBE_MS = 1000;
/** How long a try may take. */
const PROBE_MS = 2000;

/**
 * Whether Postgres is there, for a whole process: learned from what happens to its connections, not by asking. One that
 * breaks, or cannot be made, means that it went; from then on one is tried again and again, and the first that is made
 * means that it is back. One log line per change.
 */
export class StoreLink {
  readonly presence = new Presence();
  private timer: NodeJS.Timeout | undefined;
  private log: LinkLog | undefined;
  private access: StoreAccess = { url: '' };
  private closed = false;

  /** From now on changes are told, and while Postgres is away a new connection is tried. */
  watch(log: LinkLog, access: StoreAccess): void {
    this.log = log;
    this.access = access;
  }

  /** Whether a failure comes from Postgres being away, now or a moment ago; may be the first to tell of it. */
  explains(failure: unknown): boolean {
    if (!this.presence.isTroubled && saysItIsAway(failure)) this.broke(failure as Error);
    return this.presence.isTroubled && (isUnavailable(failure) || isOfBrokenTransaction(failure));
  }

  /** Connections that break from now on were ended by us. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /**
   * A client for the pool. A lost connection is told to the query in work and to the pool; a client in between, taken
   * from the pool and without a query, has nobody to tell, and Node ends a process for an error that nobody hears.
   */
  clientClass(): typeof pg.Client {
    const broke = (error: Error): void => this.broke(error);
    return class LinkedClient extends pg.Client {
      constructor(config?: string | pg.ClientConfig) {
        super(config);
        this.on('error', broke);
      }
    };
  }

  private broke(error: Error): void {
    if (this.closed || !this.log || !this.presence.note(false)) return;
    this.log.warn({ reason: error.message }, 'lost the connection to Postgres, reconnecting');
    this.tryAgain(FIRST_PROBE_MS);
  }

  private tryAgain(delayMs: number): void {
    this.timer = setTimeout(() => void this.look(delayMs), delayMs);
    this.timer.unref();
  }

  private async look(delayMs: number): Promise<void> {
    try {
      await connectOnce(this.access);
    } catch {
      if (!this.closed) this.tryAgain(Math.min(delayMs * 2, LAST_PROBE_MS));
      return;
    }
    if (this.presence.note(true)) this.log?.info({}, 'connected to Postgres again');
  }
}

/** Over a connection of its own: one of the pool may be half open, and its answer never come. */
async function connectOnce(access: StoreAccess): Promise<void> {
  const ssl = tlsOf(access);
  const client = new pg.Client({
    connectionString: access.url,
    ...(ssl && { ssl }),
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** TypeORM has taken the connection back before the transaction came to its end. */
function isOfBrokenTransaction(failure: unknown): boolean {
  return failure instanceof QueryRunnerAlreadyReleasedError;
}
