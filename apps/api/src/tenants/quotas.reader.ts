import { Injectable } from '@nestjs/common';
import { QUOTA_KINDS, type QuotaLimits, type QuotaSpec, type Resource, specOf } from '@signalbox/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from '../balance/declared-rows.js';
import { noSuch } from '../balance/in-project.js';
import { originOf } from '../balance/origin.js';
import { type Page, pageOf } from '../domain/cursor.js';
import { orgOfProject } from './org-of-project.js';
import { listQuotas, projectsOf, sumOf, usesOf } from './tenant-rows.js';
import type { QuotaDto, QuotasQuery } from './tenants.dto.js';

const KINDS = ['Quota'] as const;

/** Reads of quotas and of how far they are used; several tables are read in one snapshot. */
@Injectable()
export class QuotasReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By name; of a project those that are over it. */
  async list({ project, limit, after }: QuotasQuery): Promise<Page<QuotaDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows =
        project === undefined
          ? await listDeclared(tx, KINDS, { project, behind, limit: limit + 1 })
          : await quotasOver(tx, project, { behind: behind?.name ?? '', limit: limit + 1 });
      const views = await quotaViews(tx, rows);
      return pageOf(rows, limit, (row) => views.get(row)!, keyOfRow);
    });
  }

  /** Throws `not-found`, also when it is not over the project that is named. */
  async get(name: string, project?: string): Promise<QuotaDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await findDeclared(tx, KINDS, name);
      const view = row && (await quotaViews(tx, [row])).get(row);
      if (!view || !(await isOver(tx, view, project))) throw noSuch('quota', name, 'quotas');
      return view;
    });
  }
}

/** Quotas over a project: its own and those of its org. */
export async function quotasOver(
  tx: EntityManager,
  project: string,
  page: { readonly behind: string; readonly limit: number },
): Promise<readonly DeclaredRow[]> {
  const org = await orgOfProject(tx, project);
  return listQuotas(tx, { orgs: org === undefined ? [] : [org], projects: [project] }, page);
}

async function isOver(tx: EntityManager, { org, project }: QuotaDto, wanted?: string): Promise<boolean> {
  if (wanted === undefined || project === wanted) return true;
  return org !== undefined && org === (await orgOfProject(tx, wanted));
}

/** Quotas with how far they are used. */
export async function quotaViews(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
): Promise<ReadonlyMap<DeclaredRow, QuotaDto>> {
  const specs = new Map(rows.map((row) => [row, specOf<QuotaSpec>(JSON.parse(row.body) as Resource)]));
  const orgs = [...specs.values()].flatMap(({ org }) => org ?? []);
  const owned = await projectsOf(tx, orgs);
  const projectsIn = ({ org, project = '' }: QuotaSpec): readonly string[] =>
    org === undefined ? [project] : (owned.get(org) ?? []);
  const uses = await usesOf(tx, [...new Set([...specs.values()].flatMap(projectsIn))]);
  return new Map([...specs].map(([row, spec]) => [row, quotaView(row, spec, sumOf(uses, projectsIn(spec)))]));
}

function quotaView(row: DeclaredRow, spec: QuotaSpec, uses: QuotaLimits): QuotaDto {
  const { description = '', org, project, limits } = spec;
  return {
    name: row.name,
    description,
    ...(org !== undefined && { org }),
    ...(project !== undefined && { project }),
    limits: QUOTA_KINDS.flatMap((kind) => {
      const limit = limits[kind];
      return limit === undefined ? [] : [{ kind, limit, used: uses[kind] ?? 0 }];
    }),
    origin: originOf(row),
  };
}
