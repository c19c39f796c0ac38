import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast } from '@signalbox/bus';
import { STREAMS, SUBJECTS, timestampMs, type WeightOverride } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { targetKey } from './domain/frontend-changes.js';

/** A weight that an operator set. */
export type SetWeight = Extract<WeightOverride, { type: 'set' }>;

/** Weights that operators set at run time: `journal.frontend.>`. Its one writer; one append at a time. */
@Injectable()
export class WeightOverrides {
  private readonly byFrontend = new Map<string, Map<string, SetWeight>>();
  /** Frontends whose place in the journal is known. */
  private readonly opened = new Set<string>();
  private readonly writer: FencedWriter<WeightOverride>;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.journal,
      subjectOf: ({ frontend }) => SUBJECTS.frontendJournal(frontend),
      idOf: ({ type, frontend, pool, backend, at }) =>
        `weight:${frontend}:${targetKey(pool, backend)}:${type}:${at}`,
      merge: (_older, newer) => newer,
    });
  }

  /** Reads the projection, which has to be caught up. Returns what is in force. */
  async load(): Promise<SetWeight[]> {
    const rows = await this.dataSource.query<{ body: string }[]>('select body from weight_overrides');
    const overrides = rows.map(({ body }) => JSON.parse(body) as SetWeight);
    for (const override of overrides) this.fold(override);
    return overrides;
  }

  /** The override in force for one member. */
  of(frontend: string, pool: string, backend: string): SetWeight | undefined {
    const found = this.byFrontend.get(frontend)?.get(targetKey(pool, backend));
    const isOver = found?.expiresAt !== undefined && timestampMs(found.expiresAt) <= this.clock.now();
    return isOver ? undefined : found;
  }

  /**
   * Resolves when the weight is stored, and in force. Sent again until that is certain: a weight whose ack got lost must
   * not come into force by surprise. Rejects with `nats-unavailable` only when stopped.
   */
  async append(override: WeightOverride): Promise<void> {
    const { frontend } = override;
    if (!this.opened.has(frontend)) {
      const subject = SUBJECTS.frontendJournal(frontend);
      const last = await getLast(this.bus, STREAMS.journal, subject);
      this.writer.resume(subject, last?.seq ?? 0);
      this.opened.add(frontend);
    }
    await this.writer.append(override);
    this.fold(override);
  }

  stop(): void {
    this.writer.stop();
  }

  private fold(override: WeightOverride): void {
    const { frontend, pool, backend } = override;
    let members = this.byFrontend.get(frontend);
    if (!members) this.byFrontend.set(frontend, (members = new Map()));
    if (override.type === 'set') members.set(targetKey(pool, backend), override);
    else members.delete(targetKey(pool, backend));
  }
}
