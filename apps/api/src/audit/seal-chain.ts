import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { StreamMessage } from '@signalbox/bus';
import { type AuditSeal, canonicalJson, SEAL_LIMITS, type SealedRecord } from '@signalbox/contracts';

/** A key that the audit seals with. */
export interface AuditKey {
  /** 16 hex digits that tell it from others, and nothing about it. */
  readonly id: string;
  readonly secret: Buffer;
}

/** `previous` of the first seal. */
export const NO_HEAD = '0'.repeat(64);

/** What of a seal the next one is chained to. */
export type SealEnd = Pick<AuditSeal, 'number' | 'to' | 'head'>;

/** Before the first seal. */
export const NO_SEAL: SealEnd = { number: 0, to: 0, head: NO_HEAD };

/** The key of a secret of 32 bytes. */
export function auditKey(secret: Buffer): AuditKey {
  return {
    id: createHmac('sha256', secret).update('signalbox audit key').digest('hex').slice(0, 16),
    secret,
  };
}

/**
 * What a record says and where: its sequence, its subject, the id by which readers tell that it was sent twice, and its bytes, each with its
 * length, so that nothing can be moved from one to the other. When the server stored it is not part of it: a copy has another time.
 */
export function digestOf({
  seq,
  subject,
  data,
  headers,
}: Pick<StreamMessage, 'seq' | 'subject' | 'data' | 'headers'>): string {
  const hash = createHash('sha256');
  for (const part of [String(seq), subject, headers?.get('Nats-Msg-Id') ?? '', data]) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest('hex');
}

/** The seal behind another one, over records in the order of the stream; at least one and at most {@link SEAL_LIMITS}.records. */
export function sealBehind(
  end: SealEnd,
  records: readonly SealedRecord[],
  key: AuditKey,
  at: string,
): AuditSeal {
  if (records.length === 0 || records.length > SEAL_LIMITS.records)
    throw new RangeError('a seal is of 1 to 500 records');
  const open = {
    ...{ number: end.number + 1, at, from: end.to + 1, to: records.at(-1)!.seq },
    ...{ records, previous: end.head, key: key.id },
  };
  return { ...open, head: headOf(open, key) };
}

/** Whether a seal was made with this key, and stands as it was made. */
export function isGenuine({ head, ...open }: AuditSeal, key: AuditKey): boolean {
  return timingSafeEqual(Buffer.from(head, 'hex'), Buffer.from(headOf(open, key), 'hex'));
}

function headOf(open: Omit<AuditSeal, 'head'>, { secret }: AuditKey): string {
  return createHmac('sha256', secret).update(canonicalJson(open)).digest('hex');
}
