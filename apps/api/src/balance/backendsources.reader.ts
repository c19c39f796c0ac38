import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type BackendSourceSpec,
  CodedError,
  type Resource,
  scopedName,
  sourceOwner,
  type SourcesAnswer,
  type SourceStatus,
  specOf,
  SUBJECTS,
  toldProject,
  wayOf,
} from '@signalbox/contracts';
import { PartRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, pageOf } from '../domain/cursor.js';
import type { BackendSourceDto, SourcePartDto } from './backendsources.dto.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';

const KINDS = ['BackendSource'] as const;

/** How long `balancer` may take to say how it stands with its sources. Milliseconds. */
const ASK_MS = 1000;

type Statuses = ReadonlyMap<string, SourceStatus>;

/** Reads of BackendSources; what `balancer` does not say is left out rather than waited for. */
@Injectable()
export class BackendSourcesReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** By project and name. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<BackendSourceDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const statuses = await this.statuses();
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project, behind, limit: limit + 1 });
      const views = await viewsOf(tx, rows, statuses);
      return pageOf(rows, limit, (row) => views.get(row)!, keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(scoped: string): Promise<BackendSourceDto> {
    const statuses = await this.statuses();
    const [found] = await this.dataSource.transaction('REPEATABLE READ', async (tx) => [
      ...(await viewsOf(tx, await findDeclared(tx, KINDS, scoped), statuses)).values(),
    ]);
    if (found) return found;
    throw noSuch('source of backends', scoped, 'backendsources');
  }

  private async statuses(): Promise<Statuses> {
    try {
      const answer = await this.bus.ask<SourcesAnswer>(SUBJECTS.ask('balancer', 'sources'), {}, ASK_MS);
      return new Map(answer?.sources.map((one) => [one.source, one]));
    } catch (error) {
      if (error instanceof CodedError) return new Map();
      throw error;
    }
  }
}

async function viewsOf(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
  statuses: Statuses,
): Promise<ReadonlyMap<DeclaredRow, BackendSourceDto>> {
  const owners = rows.map(({ project, name }) => sourceOwner(scopedName(project, name)));
  const parts = await partsOf(tx, owners);
  return new Map(rows.map((row, at) => [row, sourceView(row, statuses, parts.get(owners[at]!))]));
}

/** The live parts of these sources, without their bodies. */
async function partsOf(tx: EntityManager, owners: readonly string[]): Promise<ReadonlyMap<string, PartRow>> {
  const rows = await tx
    .createQueryBuilder(PartRow, 'p')
    .select(['p.source', 'p.generation', 'p.owner', 'p.state', 'p.reason', 'p.createdAt'])
    .where(`p.owner = any(:owners) and p.state in ('active', 'quarantined')`, { owners })
    .getMany();
  return new Map(rows.map((row) => [row.owner, row]));
}

function sourceView(row: DeclaredRow, statuses: Statuses, part: PartRow | undefined): BackendSourceDto {
  const spec = specOf<BackendSourceSpec>(JSON.parse(row.body) as Resource);
  const scoped = scopedName(row.project, row.name);
  return {
    name: row.name,
    ...toldProject(scoped),
    description: spec.description ?? '',
    way: wayOf(spec),
    ...(spec.pool !== undefined && { pool: spec.pool }),
    ...told(statuses.get(scoped)),
    ...(part && { part: partView(part) }),
    origin: originOf(row),
  };
}

function told(status: SourceStatus | undefined): Partial<BackendSourceDto> {
  if (!status) return {};
  const { source: _name, rejected, ...rest } = status;
  if (!rejected) return rest;
  const { code, message, since } = rejected;
  return { ...rest, rejected: { code, message, since } };
}

function partView({ source, generation, state, reason, createdAt: at }: PartRow): SourcePartDto {
  return {
    ...{ source, generation, at },
    state: state as SourcePartDto['state'],
    ...(reason !== null && { reason }),
  };
}
