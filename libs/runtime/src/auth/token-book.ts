import { randomBytes } from 'node:crypto';
import { type Bus, Follower, readRecord } from '@signalbox/bus';
import {
  decodeTokenRecord,
  formatTime,
  sha256Hex,
  STREAMS,
  SUBJECTS,
  type TokenRecord,
} from '@signalbox/contracts';

/** Who calls. */
export interface Principal {
  readonly tokenId: string;
  readonly name: string;
  readonly role: 'admin';
}

/** Tokens look like `sbx_` + 43 characters and are kept as sha256 only. */
const PREFIX = 'sbx_';

/** The valid tokens of the site, folded from `journal.token`. */
export class TokenBook {
  private readonly byHash = new Map<string, Principal>();
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
  find(token: string): Principal | undefined {
    return token.startsWith(PREFIX) ? this.byHash.get(sha256Hex(token)) : undefined;
  }

  get isEmpty(): boolean {
    return this.byHash.size === 0;
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  private apply(record: TokenRecord): void {
    if (record.type === 'created') {
      this.byHash.set(record.hash, { tokenId: record.id, name: record.name, role: record.role });
    } else {
      for (const [hash, { tokenId }] of this.byHash) if (tokenId === record.id) this.byHash.delete(hash);
    }
  }
}

/** A new random token in clear, with the record that makes it valid. */
export function createToken(name: string, nowMs: number): { token: string; record: TokenRecord } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  const id = `tok-${randomBytes(6).toString('hex')}`;
  return {
    token,
    record: { type: 'created', id, name, hash: sha256Hex(token), role: 'admin', at: formatTime(nowMs) },
  };
}
