import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter } from '@signalbox/bus';
import { type BackendIntent, formatTime, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DataSource } from 'typeorm';

/** What operators want of backends: `journal.backend.>`, by backend. Its one writer. */
@Injectable()
export class IntentBook {
  private readonly known = new Map<string, BackendIntent>();
  private readonly writer: FencedWriter<BackendIntent>;

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
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
  async append(wanted: Omit<BackendIntent, 'at'>): Promise<void> {
    const intent = { ...wanted, at: formatTime(this.clock.now()) };
    await this.writer.append(intent);
    this.known.set(intent.backend, intent);
  }

  /**
   * When the config changes its mind about `enabled`, it is the newer word, and stays so: what an operator said before is
   * over, also when the config changes back.
   */
  async supersede(backend: string, configEnabled: boolean): Promise<void> {
    const intent = this.of(backend);
    if (!intent || intent.configEnabled === configEnabled) return;
    await this.append({
      backend,
      intent: configEnabled ? 'run' : 'disable',
      configEnabled,
      author: 'config',
      reason: `enabled is ${configEnabled} in the config now`,
    });
  }

  stop(): void {
    this.writer.stop();
  }
}
