import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Part } from '@signalbox/contracts';
import { entityTag, namesTag } from '@signalbox/runtime';
import { GenerationRow, PartRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { effectiveText } from '../domain/effective-text.js';
import { suppressedBy } from '../domain/suppressed.js';
import type { DerivedResourceDto, EffectiveDiffDto } from './effective-config.dto.js';

/** How many ended parts a diff names, the last ones to end. */
const ENDED_PARTS = 100;

/** Hex digits of an entity tag behind the generation. */
const MARK_LENGTH = 16;

/** What the effective config is made of, so that another answer has another of these. */
interface VersionRow {
  readonly generation: number;
  readonly digest: string;
  /** Last record of the generation: one that comes in chunks grows. */
  readonly seq: number;
  /** Newest record of a part: it may replace annotations, or hold a part back, without a generation. */
  readonly part: number;
}

/** One row, also before the first generation. */
const VERSION = `
  select coalesce(g.generation, 0) as generation, coalesce(g.digest, '') as digest, coalesce(g.seq, 0) as seq,
         coalesce((select max(last_seq) from parts), 0) as part
    from (values (true)) as one
    left join (select generation, digest, seq from generations order by generation desc limit 1) g on true`;

interface CurrentRow extends VersionRow {
  readonly quarantined: number;
  /** JSON of the resources, by identity, with commas between them. */
  readonly resources: string;
}

/** One statement, so that all of it is of one moment. */
const CURRENT = `
  select v.*, (select count(*) from parts where state = 'quarantined') as quarantined,
         (select coalesce(string_agg(body, ',' order by api_version collate "C", kind collate "C", project collate "C",
                                     name collate "C"), '') from effective_resources) as resources
    from (${VERSION}) v`;

/** Reads of the effective config; several tables are read in one snapshot. */
@Injectable()
export class EffectiveConfigReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Number of the newest generation, 0 before the first. */
  async newestGeneration(): Promise<number> {
    return (await newest(this.dataSource.manager))?.generation ?? 0;
  }

  /**
   * The effective config as the JSON of a `Router` document, with its entity tag. Without the text when `known`, an
   * `If-None-Match` header, names the tag: then nothing of the config is read.
   */
  async current(known?: string): Promise<{ readonly tag: string; readonly text?: string }> {
    if (known !== undefined) {
      const [version] = await this.dataSource.query<VersionRow[]>(VERSION);
      const tag = tagOf(version!);
      if (namesTag(known, tag)) return { tag };
    }
    const [row] = await this.dataSource.query<CurrentRow[]>(CURRENT);
    return { tag: tagOf(row!), text: effectiveText(row!, row!.resources) };
  }

  /** What parts add to the operator resources, and what they mask. */
  async diff(): Promise<EffectiveDiffDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const parts = tx.createQueryBuilder(PartRow, 'p').select(PART_COLUMNS);
      const standing = await parts
        .clone()
        .where(`p.state in ('active', 'quarantined')`)
        .orderBy({ 'p.source': 'ASC', 'p.generation': 'ASC' })
        .getMany();
      const expired = await parts
        .clone()
        .where(`p.state = 'expired'`)
        .orderBy({ 'p.updatedAt': 'DESC', 'p.source': 'ASC', 'p.generation': 'ASC' })
        .limit(ENDED_PARTS)
        .getMany();
      return {
        generation: (await newest(tx))?.generation ?? 0,
        suppressed: suppressedBy(await maskingParts(tx)),
        addedResources: await derivedResources(tx),
        activeParts: standing.filter(({ state }) => state === 'active').map(endingPart),
        expiredParts: expired.map(endingPart),
        quarantined: standing
          .filter(({ state }) => state === 'quarantined')
          .map(({ source, generation, reason }) => ({ source, generation, reason: reason ?? '' })),
      };
    });
  }

  /** Resources that some parts hold in the effective config, by identity. */
  resourcesOf(sources: readonly string[]): Promise<DerivedResourceDto[]> {
    return derivedResources(this.dataSource.manager, sources);
  }

  /** What BackendSources made from a fact, by kind, project and name. */
  registeredBy(group: string, id: string): Promise<DerivedResourceDto[]> {
    return this.dataSource.manager.query<DerivedResourceDto[]>(
      `select api_version as "apiVersion", kind, project, name, part_source as source, part_generation as generation
         from effective_resources
        where starts_with(part_source, 'BackendSource/')
          and body::jsonb #>> '{metadata,annotations,routerd.net/event-id}' = $1
          and body::jsonb #>> '{metadata,annotations,routerd.net/event-group}' = $2
        order by kind, project, name`,
      [id, group],
    );
  }
}

const PART_COLUMNS = ['p.source', 'p.generation', 'p.state', 'p.reason', 'p.expiresAt', 'p.updatedAt'];

async function newest(tx: EntityManager): Promise<GenerationRow | undefined> {
  const [row] = await tx.find(GenerationRow, { order: { generation: 'DESC' }, take: 1 });
  return row;
}

function derivedResources(tx: EntityManager, sources?: readonly string[]): Promise<DerivedResourceDto[]> {
  return tx.query<DerivedResourceDto[]>(
    `select api_version as "apiVersion", kind, project, name, part_source as source, part_generation as generation
       from effective_resources
      where part_source is not null and ($1::text[] is null or part_source = any($1))
      order by api_version, kind, project, name`,
    [sources ?? null],
  );
}

async function maskingParts(tx: EntityManager): Promise<Part[]> {
  const rows = await tx
    .createQueryBuilder(PartRow, 'p')
    .select(['p.source', 'p.generation', 'p.body'])
    .where(`p.directives > 0 and p.state = 'active'`)
    .getMany();
  return rows.map(({ body }) => JSON.parse(body) as Part);
}

function endingPart({ source, generation, expiresAt }: PartRow): {
  source: string;
  generation: number;
  expiresAt: string | null;
} {
  return { source, generation, expiresAt };
}

function tagOf({ generation, digest, seq, part }: VersionRow): string {
  const mark = createHash('sha256').update(`${digest} ${seq} ${part}`).digest('hex').slice(0, MARK_LENGTH);
  return entityTag(generation, mark);
}
