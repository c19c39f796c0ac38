import { Injectable } from '@nestjs/common';
import {
  type OrgSpec,
  type ProjectSpec,
  QUOTA_KINDS,
  type QuotaLimits,
  type Resource,
  specOf,
} from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from '../balance/declared-rows.js';
import { noSuch } from '../balance/in-project.js';
import { originOf } from '../balance/origin.js';
import { type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import { quotasOver, quotaViews } from './quotas.reader.js';
import { noProject } from './tenant.guard.js';
import { listProjects, listQuotas, projectsOf, sumOf, usesOf } from './tenant-rows.js';
import type {
  KindUseDto,
  OrgDto,
  OrgItemDto,
  ProjectDto,
  ProjectItemDto,
  ProjectsQuery,
  QuotaDto,
} from './tenants.dto.js';

/** Most quotas of one org or project that are told with it; `GET /v1/quotas` has all. */
const MOST_QUOTAS = 100;

const FIRST = { behind: '', limit: MOST_QUOTAS };

/** Reads of orgs and of their projects; several tables are read in one snapshot. */
@Injectable()
export class OrgsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<OrgItemDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const page = { project: undefined, behind, limit: limit + 1 };
    const rows = await listDeclared(this.dataSource.manager, ['Org'], page);
    return pageOf(rows, limit, orgItem, keyOfRow);
  }

  /** One org with what its projects have together. Throws `not-found`. */
  async get(name: string): Promise<OrgDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await findDeclared(tx, ['Org'], name);
      if (!row) throw noSuch('org', name, 'orgs');
      const projects = (await projectsOf(tx, [name])).get(name) ?? [];
      const rows = await listQuotas(tx, { orgs: [name], projects: [] }, FIRST);
      const quotas = [...(await quotaViews(tx, rows)).values()];
      const uses = sumOf(await usesOf(tx, projects), projects);
      return { ...orgItem(row), projects: projects.length, use: usedKinds(uses, quotas) };
    });
  }

  /** Projects that are declared, by name; of an org those that it owns, and none when it is not there. */
  async projects({ org, limit, after }: ProjectsQuery): Promise<Page<ProjectItemDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const { manager } = this.dataSource;
    const rows =
      org === undefined
        ? await listDeclared(manager, ['Project'], { project: undefined, behind, limit: limit + 1 })
        : await listProjects(manager, org, { behind: behind?.name ?? '', limit: limit + 1 });
    return pageOf(rows, limit, projectItem, keyOfRow);
  }

  /** Projects of an org. Throws `not-found` when there is no such org. */
  async projectsOf(org: string, page: PageQuery): Promise<Page<ProjectItemDto>> {
    const [row] = await findDeclared(this.dataSource.manager, ['Org'], org);
    if (!row) throw noSuch('org', org, 'orgs');
    return this.projects({ ...page, org });
  }

  /** One project with what it has and may have. Throws `not-found`, also when another org than the one named owns it. */
  async project(name: string, org?: string): Promise<ProjectDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await findDeclared(tx, ['Project'], name);
      const item = row && projectItem(row);
      if (!item || (org !== undefined && item.org !== org))
        throw org === undefined ? noSuch('project', name, 'projects') : noProject(org, name);
      const rows = await quotasOver(tx, name, FIRST);
      const quotas = [...(await quotaViews(tx, rows)).values()];
      const uses = sumOf(await usesOf(tx, [name]), [name]);
      const own = quotas.filter(({ project }) => project === name);
      return { ...item, use: usedKinds(uses, own), quotas };
    });
  }
}

function orgItem(row: DeclaredRow): OrgItemDto {
  const { description = '' } = specOf<OrgSpec>(JSON.parse(row.body) as Resource);
  return { name: row.name, description, origin: originOf(row) };
}

function projectItem(row: DeclaredRow): ProjectItemDto {
  const { description = '', org } = specOf<ProjectSpec>(JSON.parse(row.body) as Resource);
  return { name: row.name, org, description, origin: originOf(row) };
}

/** Kinds that are there or limited, with the lowest of the limits. */
function usedKinds(uses: QuotaLimits, quotas: readonly QuotaDto[]): KindUseDto[] {
  return QUOTA_KINDS.flatMap((kind) => {
    const limits = quotas.flatMap((quota) =>
      quota.limits.filter((one) => one.kind === kind).map(({ limit }) => limit),
    );
    const used = uses[kind] ?? 0;
    if (limits.length === 0) return used === 0 ? [] : [{ kind, used }];
    return [{ kind, used, limit: Math.min(...limits) }];
  });
}
