import { Injectable } from '@nestjs/common';
import { type Resource, toRouterDocument } from '@signalbox/contracts';
import { GenerationRow, PartRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import type {
  DerivedResourceDto,
  EffectiveConfigDto,
  EffectiveDiffDto,
  GenerationDto,
} from './effective-config.dto.js';

/** How many ended parts a diff names, the last ones to end. */
const ENDED_PARTS = 100;

/** Reads of the effective config; several tables are read in one snapshot. */
@Injectable()
export class EffectiveConfigReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Number of the newest generation, 0 before the first. */
  async newestGeneration(): Promise<number> {
    return (await newest(this.dataSource.manager))?.generation ?? 0;
  }

  /** The effective config with its generation. */
  async current(): Promise<{ generation: number; document: EffectiveConfigDto }> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const row = await newest(tx);
      const quarantined = await tx.countBy(PartRow, { state: 'quarantined' });
      const bodies = await tx.query<{ body: string }[]>('select body from effective_resources');
      const router = toRouterDocument(
        'effective',
        bodies.map(({ body }) => JSON.parse(body) as Resource),
      );
      const generation = row?.generation ?? 0;
      const annotations = {
        'signalbox.dev/generation': String(generation),
        'signalbox.dev/digest': row?.digest ?? '',
        'signalbox.dev/quarantined': String(quarantined),
      };
      return { generation, document: { ...router, metadata: { name: router.metadata.name, annotations } } };
    });
  }

  /** What parts add to the operator resources. Masks are always denied, so nothing is suppressed. */
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
        suppressed: [],
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

  /** History of generations, newest first. */
  async generations({ limit, after }: PageQuery): Promise<Page<GenerationDto>> {
    const query = this.dataSource
      .getRepository(GenerationRow)
      .createQueryBuilder('g')
      .orderBy('g.generation', 'DESC')
      .limit(limit + 1);
    if (after !== undefined) {
      const [generation] = decodeCursor(after, ['number']);
      query.where('g.generation < :generation::bigint', { generation });
    }
    return pageOf(await query.getMany(), limit, generationItem, ({ generation }) => [generation]);
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

function endingPart({ source, generation, expiresAt }: PartRow): {
  source: string;
  generation: number;
  expiresAt: string;
} {
  return { source, generation, expiresAt };
}

function generationItem({ causeStream, causeSeq, quarantined, ...row }: GenerationRow): GenerationDto {
  return {
    ...row,
    cause: { stream: causeStream, seq: causeSeq },
    quarantined: JSON.parse(quarantined) as GenerationDto['quarantined'],
  };
}
