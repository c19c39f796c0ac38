import { Injectable } from '@nestjs/common';
import { Bus, getLast, WrongSequenceError } from '@signalbox/bus';
import {
  CodedError,
  decodeWeightOverride,
  STREAMS,
  SUBJECTS,
  timestampMs,
  type WeightOverride,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { targetKey } from './domain/frontend-changes.js';

/** A weight that an operator set. */
export type SetWeight = Extract<WeightOverride, { type: 'set' }>;

/** Weights that operators set at run time: `journal.frontend.>`. Appends with compare-and-set per frontend. */
@Injectable()
export class WeightOverrides {
  private readonly byFrontend = new Map<string, Map<string, SetWeight>>();
  private readonly lastSeqs = new Map<string, number>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

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

  /** Resolves when it is stored and in force. Throws `revision-conflict`, `nats-unavailable`. */
  async append(override: WeightOverride): Promise<void> {
    const { frontend, at } = override;
    const subject = SUBJECTS.frontendJournal(frontend);
    const before =
      this.lastSeqs.get(frontend) ?? (await getLast(this.bus, STREAMS.journal, subject))?.seq ?? 0;
    const options = { msgId: `weight:${frontend}:${before}:${at}`, expectLastSubjectSeq: before };
    try {
      const { seq } = await this.bus.publisher.publishJson(subject, override, options);
      this.lastSeqs.set(frontend, seq);
    } catch (error) {
      if (!(error instanceof WrongSequenceError)) throw error;
      const last = await getLast(this.bus, STREAMS.journal, subject);
      if (last) this.lastSeqs.set(frontend, last.seq);
      if (last?.headers?.get('Nats-Msg-Id') !== options.msgId) {
        if (last) this.fold(decodeWeightOverride(last.data));
        const message = `somebody else changed a weight of ${frontend} at the same time: look at it and try again`;
        throw new CodedError('revision-conflict', message);
      }
    }
    this.fold(override);
  }

  private fold(override: WeightOverride): void {
    const { frontend, pool, backend } = override;
    let members = this.byFrontend.get(frontend);
    if (!members) this.byFrontend.set(frontend, (members = new Map()));
    if (override.type === 'set') members.set(targetKey(pool, backend), override);
    else members.delete(targetKey(pool, backend));
  }
}
