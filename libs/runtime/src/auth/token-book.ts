import { randomBytes } from 'node:crypto';
import { type Bus, Follower, readRecord } from '@signalbox/bus';
import {
  type AccessScope,
  decodeTokenRecord,
  formatTime,
  timestampMs,
  type Principal,
  type Role,
  sha256Hex,
  STREAMS,
  SUBJECTS,
  type TokenRecord,
} from '@signalbox/contracts';

/** Tokens look like `sbx_` + 43 characters and are kept as sha256 only. */
const PREFIX = 'sbx_';

/** A token that was made and not revoked; it may have expired. */
export type KnownToken = Extract<TokenRecord, { type: 'created' }>;

/** What a new token may do, and until when. */
export interface TokenRights {
  readonly name: string;
  readonly role: Role;
  readonly scope?: AccessScope;
  readonly emits?: readonly string[];
  readonly expiresAt?: string;
}

/** A {@link KnownToken} as the caller that it makes. */
interface Entry {
  readonly token: KnownToken;
  readonly principal: Principal;
}

/** The tokens of the site that are not revoked, folded from `journal.token`. */
export class TokenBook {
  private readonly byHash = new Map<string, Entry>();
  private readonly hashById = new Map<string, string>();
  /** Milliseconds since the epoch, by id of a token; at most one entry for each that is valid. */
  private readonly usedMs = new Map<string, number>();
  private readonly listeners: ((gone: Principal) => void)[] = [];
  private follower: Follower | undefined;

  async start(bus: Bus): Promise<void> {
    this.follower = new Follower(bus, {
      name: 'tokens',
      stream: STREAMS.journal,
      filter: SUBJECTS.token,
      fromSeq: 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(bus.log, message, decodeTokenRecord);
          if (record) this.apply(record);
        }
        return Promise.resolve();
      },
    });
    await this.follower.caughtUp;
  }

  /** Who a token belongs to, or undefined. Compared by hash, so timing says nothing about the token. */
  find(token: string, nowMs: number = Date.now()): Principal | undefined {
    const entry = token.startsWith(PREFIX) ? this.byHash.get(sha256Hex(token)) : undefined;
    if (!entry || !isValid(entry.principal, nowMs)) return undefined;
    this.usedMs.set(entry.token.id, nowMs);
    return entry.principal;
  }

  get isEmpty(): boolean {
    return this.byHash.size === 0;
  }

  /** Tokens that are not revoked. */
  get size(): number {
    return this.byHash.size;
  }

  get(id: string): KnownToken | undefined {
    return this.byHash.get(this.hashById.get(id) ?? '')?.token;
  }

  /** All of them, by id. */
  list(): KnownToken[] {
    return [...this.byHash.values()]
      .map(({ token }) => token)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** When this process last saw it used, milliseconds since the epoch. */
  lastUsedMs(id: string): number | undefined {
    return this.usedMs.get(id);
  }

  /** Hears of every token that is revoked from now on. */
  whenRevoked(listener: (gone: Principal) => void): void {
    this.listeners.push(listener);
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  private apply(record: TokenRecord): void {
    if (record.type === 'created') {
      this.byHash.set(record.hash, { token: record, principal: principalOf(record) });
      this.hashById.set(record.id, record.hash);
      return;
    }
    const hash = this.hashById.get(record.id);
    const entry = hash === undefined ? undefined : this.byHash.get(hash);
    if (hash === undefined || !entry) return;
    this.byHash.delete(hash);
    this.hashById.delete(record.id);
    this.usedMs.delete(record.id);
    for (const listener of this.listeners) listener(entry.principal);
  }
}

/** Whether a caller's token has not ended. */
export function isValid({ expiresAtMs }: Principal, nowMs: number): boolean {
  return expiresAtMs === undefined || expiresAtMs > nowMs;
}

/** A new random token in clear, with the record that makes it valid. */
export function createToken(rights: TokenRights, nowMs: number): { token: string; record: KnownToken } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  const id = `tok-${randomBytes(6).toString('hex')}`;
  return {
    token,
    record: { type: 'created', id, ...rights, hash: sha256Hex(token), at: formatTime(nowMs) },
  };
}

function principalOf({ id, name, role, scope, emits, expiresAt }: KnownToken): Principal {
  return {
    subject: `token:${id}`,
    ...{ name, role },
    ...(scope && { scope }),
    ...(emits && { emits }),
    ...(expiresAt !== undefined && { expiresAtMs: timestampMs(expiresAt) }),
  };
}
