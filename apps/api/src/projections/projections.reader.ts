import { Injectable } from '@nestjs/common';
import { Bus, getLast, streamInfo } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import {
  loadPosition,
  projectedGroups,
  type Projection,
  type ProjectionTable,
  siteProjections,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorResources } from '../operator-resources.js';
import type { ProjectionItemDto } from './projections.dto.js';

/** Which projections this site has, and how far they are. */
@Injectable()
export class ProjectionsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  async list(): Promise<ProjectionItemDto[]> {
    const items: ProjectionItemDto[] = [];
    for (const projection of await this.all()) items.push(await this.item(projection));
    return items;
  }

  /** How far each is behind its stream, without a look at the tables. */
  async lags(): Promise<{ readonly name: string; readonly stream: string; readonly lag: number }[]> {
    const lags = [];
    for (const { name, stream, filter } of await this.all()) {
      const { created, lastSeq } = await this.endOf(stream, filter);
      const position = await loadPosition(this.dataSource.manager, name, stream, created);
      lags.push({ name, stream, lag: Math.max(0, lastSeq - position) });
    }
    return lags;
  }

  /** Those of these names, or all of them. Throws `not-found`. */
  async named(names: readonly string[] | undefined): Promise<readonly Projection[]> {
    const all = await this.all();
    if (!names) return all;
    const unknown = names.filter((name) => !all.some((projection) => projection.name === name));
    if (unknown.length > 0)
      throw new CodedError(
        'not-found',
        `there is no projection ${unknown.join(', ')}: GET /v1/projections lists what there is`,
      );
    return all.filter(({ name }) => names.includes(name));
  }

  private async all(): Promise<readonly Projection[]> {
    const declared = this.resources.groups().map(({ name }) => name);
    return siteProjections([...new Set([...declared, ...(await projectedGroups(this.dataSource))])].sort());
  }

  private async item({ name, stream, filter, tables }: Projection): Promise<ProjectionItemDto> {
    const { created, lastSeq } = await this.endOf(stream, filter);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const position = await loadPosition(tx, name, stream, created);
      const counts = [];
      for (const table of tables) counts.push({ name: table.name, rows: await countRows(tx, table) });
      const rows = counts.reduce((sum, count) => sum + count.rows, 0);
      return { name, stream, position, lastSeq, lag: Math.max(0, lastSeq - position), rows, tables: counts };
    });
  }

  private async endOf(
    stream: string,
    filter: string | undefined,
  ): Promise<{ readonly created: string; readonly lastSeq: number }> {
    const info = await streamInfo(this.bus.manager, stream);
    if (!info) return { created: '', lastSeq: 0 };
    const { created, state } = info;
    if (filter === undefined) return { created, lastSeq: state.last_seq };
    return { created, lastSeq: (await getLast(this.bus, stream, filter))?.seq ?? 0 };
  }
}

async function countRows(tx: EntityManager, { name, only }: ProjectionTable): Promise<number> {
  const [row] = await tx.query<{ rows: number }[]>(
    `select count(*) as rows from ${name}${only ? ` where ${only.column} = $1` : ''}`,
    only ? [only.value] : [],
  );
  return row?.rows ?? 0;
}
