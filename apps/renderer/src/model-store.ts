import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { type Part, type QuarantinedPart, refOf, type Resource, STREAMS } from '@signalbox/contracts';
import { horizonOf, loadPosition, partsProjection, savePosition, streamCreated } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { resourceDigest } from './domain/config-digest.js';
import type { ModelSnapshot } from './domain/model-snapshot.js';

/** Name under which the position stands up to which every proposal is decided. */
export const DECIDED = 'renderer.decided';

/** What the tables say, at one position of ACTIVITY. */
export interface StoredModel {
  readonly parts: ModelSnapshot['parts'];
  readonly lastGenerations: ModelSnapshot['lastGenerations'];
  readonly effective: ModelSnapshot['effective'];
  /** Records up to here are in the tables. */
  readonly foldedSeq: number;
  /** Proposals up to here are decided. */
  readonly decidedSeq: number;
  readonly streamCreated: string;
}

/** Reads the renderer's own tables and keeps its position. */
@Injectable()
export class ModelStore {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  async load(): Promise<StoredModel> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    // what is gone was decided
    const horizon = await horizonOf(this.bus);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const foldedSeq = await loadPosition(tx, partsProjection.name, STREAMS.activity, created);
      const decidedSeq = Math.max(await loadPosition(tx, DECIDED, STREAMS.activity, created), horizon);
      const parts = await tx.query<
        { body: string; state: 'active' | 'quarantined'; reason: string | null }[]
      >(
        `select body, state, reason from parts where state in ('active', 'quarantined') order by accepted_seq`,
      );
      const lastGenerations = await tx.query<{ source: string; generation: number }[]>(
        'select source, max(generation) as generation from parts group by source',
      );
      const rows = await tx.query<{ body: string; source: string | null; generation: number | null }[]>(
        'select body, part_source as source, part_generation as generation from effective_resources',
      );
      const newest = await tx.query<{ generation: number; quarantined: string }[]>(
        'select generation, quarantined from generations order by generation desc limit 1',
      );
      const entries = rows.map(({ body, source, generation }) => {
        const resource = JSON.parse(body) as Resource;
        const part = source === null || generation === null ? {} : { part: { source, generation } };
        return { ref: refOf(resource), contentDigest: resourceDigest(resource), ...part };
      });
      return {
        parts: parts.map(({ body, state, reason }) => ({
          part: JSON.parse(body) as Part,
          state,
          ...(reason !== null && { reason }),
        })),
        lastGenerations,
        effective: {
          generation: newest[0]?.generation ?? 0,
          entries,
          quarantined: JSON.parse(newest[0]?.quarantined ?? '[]') as QuarantinedPart[],
        },
        foldedSeq,
        decidedSeq,
        streamCreated: created,
      };
    });
  }

  /** Everything up to `seq` is decided and its records are durable. */
  async saveDecided(seq: number, created: string): Promise<void> {
    await savePosition(this.dataSource.manager, DECIDED, STREAMS.activity, { seq, streamCreated: created });
  }
}
