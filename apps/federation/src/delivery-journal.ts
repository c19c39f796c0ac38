import { appendDeadLetter, type Bus } from '@signalbox/bus';
import {
  type DeliveryKey,
  type DeliveryRecord,
  type ErrorBody,
  type FactRecord,
  SUBJECTS,
} from '@signalbox/contracts';

/** A fact record on its way to a peer, with the message it came in. */
export interface Parcel {
  readonly record: FactRecord;
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  /** How often the server handed it out. */
  readonly deliveries: number;
}

/** Whose deliveries are recorded. */
export interface DeliveryAddressee {
  readonly group: string;
  readonly name: string;
  readonly durable: string;
}

interface EndOfTry {
  readonly attempts: number;
  readonly at: string;
}

/** A delivery that was given up. */
export type DeadEnd = EndOfTry & { readonly type: 'dead'; readonly error: ErrorBody };

/** How a try ended, as it is recorded. */
export type DeliveryEnd =
  | (EndOfTry & { readonly type: 'delivered'; readonly duplicate: boolean })
  | (EndOfTry & { readonly type: 'attempt-failed'; readonly error: ErrorBody })
  | DeadEnd;

/** The one writer of `activity.delivery.<group>.<peer>`. */
export class DeliveryJournal {
  private last = 0;

  constructor(private readonly bus: Bus) {}

  /** Sequence in ACTIVITY of the newest record that this process appended, 0 when there is none. */
  get lastSeq(): number {
    return this.last;
  }

  /** Resolves when the record is stored. A repeat of the same try within the duplicate window is stored once. */
  async append(to: DeliveryAddressee, { record, seq }: Parcel, end: DeliveryEnd): Promise<void> {
    const { id, observedAt, expiresAt } = record.fact;
    const key: DeliveryKey = {
      group: to.group,
      peer: to.name,
      seq,
      id,
      version: record.version,
      observedAt,
      ...(expiresAt !== undefined && { expiresAt }),
    };
    const body: DeliveryRecord = { ...key, ...end };
    const msgId = `${to.durable}:${seq}:${end.attempts}:${end.type}`;
    const ack = await this.bus.publisher.publishJson(SUBJECTS.deliveryActivity(to.group, to.name), body, {
      msgId,
    });
    this.last = Math.max(this.last, ack.seq);
  }

  /** Keeps a fact that the peer will never take as a dead letter, then records the delivery as dead. */
  async bury(to: DeliveryAddressee, parcel: Parcel, end: DeadEnd): Promise<void> {
    const { record, stream, seq, subject, data, deliveries } = parcel;
    await appendDeadLetter(this.bus, {
      service: 'federation',
      error: end.error,
      subject,
      data,
      at: end.at,
      stream,
      seq,
      deliveries,
      about: { factId: record.fact.id, peer: to.name, group: to.group },
      msgId: `dead:${stream}:${to.durable}:${seq}`,
    });
    await this.append(to, parcel, end);
  }
}
