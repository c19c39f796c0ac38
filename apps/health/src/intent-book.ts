import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter } from '@signalbox/bus';
import { type BackendIntent, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { DataSource } from 'typeorm';

/** What operators want of backends: `journal.backend.>`, by backend. Its one writer. */
@Injectable()
export class IntentBook {
  private readonly known = new Map<string, BackendIntent>();
  private readonly writer: FencedWriter<BackendIntent>;

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.journal,
      subjectOf: ({ backend }) => SUBJECTS.backendJournal(backend),
      idOf: ({ backend, intent, at }) => `intent:${backend}:${intent}:${at}`,
      merge: (_older, newer) => newer,
    });
  }

  /** Reads the projection, which has to be caught up. */
  async load(): Promise<void> {
    const rows = await this.dataSource.query<{ seq: number; body: string }[]>(
      'select seq, body from backend_intents',
    );
    for (const { seq, body } of rows) {
      const intent = JSON.parse(body) as BackendIntent;
      this.known.set(intent.backend, intent);
      this.writer.resume(SUBJECTS.backendJournal(intent.backend), seq);
    }
  }

  /** The newest intent for a backend. */
  of(backend: string): BackendIntent | undefined {
    return this.known.get(backend);
  }

  /**
   * Resolves when the intent is stored, and in the book. Sent again until that is certain: an intent whose ack got lost
   * must not come into force by surprise. Rejects with `nats-unavailable` only when stopped.
   */
  async append(intent: BackendIntent): Promise<void> {
    await this.writer.append(intent);
    this.known.set(intent.backend, intent);
  }

  stop(): void {
    this.writer.stop();
  }
}
