import { Injectable } from '@nestjs/common';
import { Bus, getLast, WrongSequenceError } from '@signalbox/bus';
import { type BackendIntent, CodedError, decodeBackendIntent, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { DataSource } from 'typeorm';

interface Known {
  readonly intent?: BackendIntent;
  readonly seq: number;
}

/** What operators want of backends: `journal.backend.>`, by backend. Appends with compare-and-set. */
@Injectable()
export class IntentBook {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Reads the projection, which has to be caught up. */
  async load(): Promise<void> {
    const rows = await this.dataSource.query<{ seq: number; body: string }[]>(
      'select seq, body from backend_intents',
    );
    for (const { seq, body } of rows) {
      const intent = JSON.parse(body) as BackendIntent;
      this.known.set(intent.backend, { intent, seq });
    }
  }

  /** The newest intent for a backend. */
  of(backend: string): BackendIntent | undefined {
    return this.known.get(backend)?.intent;
  }

  /**
   * Appends; the book holds it when it is stored. Throws `revision-conflict` when somebody else wrote about this backend
   * in between (the book then holds what they wrote), and `nats-unavailable`.
   */
  async append(intent: BackendIntent): Promise<void> {
    const subject = SUBJECTS.backendJournal(intent.backend);
    const before = this.known.get(intent.backend)?.seq ?? 0;
    const options = {
      msgId: `intent:${intent.backend}:${before}:${intent.at}`,
      expectLastSubjectSeq: before,
    };
    try {
      const { seq } = await this.bus.publisher.publishJson(subject, intent, options);
      this.known.set(intent.backend, { intent, seq });
    } catch (error) {
      if (!(error instanceof WrongSequenceError)) throw error;
      const last = await getLast(this.bus, STREAMS.journal, subject);
      if (last) this.known.set(intent.backend, { intent: decodeBackendIntent(last.data), seq: last.seq });
      if (last?.headers?.get('Nats-Msg-Id') === options.msgId) return;
      const message = `somebody else changed backend ${intent.backend} at the same time: look at it and try again`;
      throw new CodedError('revision-conflict', message);
    }
  }
}
