import { BALANCE_API, QUOTA_KINDS, type QuotaKind, type QuotaLimits } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import type { DeclaredRow } from '../balance/declared-rows.js';
import { groupBy } from '../domain/group-by.js';

/** What orgs and projects are looked for by. */
export interface Scopes {
  readonly orgs: readonly string[];
  readonly projects: readonly string[];
}

/** Which part of the list of an org or project is wanted; `behind`: name of the last one of the page before. */
export interface NamedPage {
  readonly behind: string;
  readonly limit: number;
}

/** How many resources of each kind, by project. */
export type Uses = ReadonlyMap<string, QuotaLimits>;

const COLUMNS = 'kind, project, name, body, revision, part_source, part_generation';

/** Projects of an org, by name. */
export function listProjects(
  tx: EntityManager,
  org: string,
  { behind, limit }: NamedPage,
): Promise<DeclaredRow[]> {
  return tx.query<DeclaredRow[]>(
    `select ${COLUMNS} from effective_resources
      where api_version = '${BALANCE_API}' and kind = 'Project' and body::jsonb #>> '{spec,org}' = $1 and name > $2
      order by name limit $3`,
    [org, behind, limit],
  );
}

/** Names of the projects of orgs, by org. */
export async function projectsOf(
  tx: EntityManager,
  orgs: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ org: string; name: string }[]>(
    `select body::jsonb #>> '{spec,org}' as org, name from effective_resources
      where api_version = '${BALANCE_API}' and kind = 'Project' and body::jsonb #>> '{spec,org}' = any($1)`,
    [orgs],
  );
  return new Map(
    [...groupBy(rows, ({ org }) => org)].map(([org, own]) => [org, own.map(({ name }) => name)]),
  );
}

/** Quotas over one of these orgs or projects, by name. */
export function listQuotas(
  tx: EntityManager,
  { orgs, projects }: Scopes,
  { behind, limit }: NamedPage,
): Promise<DeclaredRow[]> {
  const over = (scope: 'org' | 'project', names: string): string =>
    `(select ${COLUMNS} from effective_resources
       where api_version = '${BALANCE_API}' and kind = 'Quota' and body::jsonb #>> '{spec,${scope}}' = any(${names})
         and name > $3
       order by name limit $4)`;
  return tx.query<DeclaredRow[]>(
    `select * from (${over('org', '$1')} union all ${over('project', '$2')}) both_scopes order by name limit $4`,
    [orgs, projects, behind, limit],
  );
}

/** What projects have in the effective config. */
export async function usesOf(tx: EntityManager, projects: readonly string[]): Promise<Uses> {
  const rows = await tx.query<{ project: string; kind: QuotaKind; uses: number }[]>(
    `select project, kind, count(*)::integer as uses from effective_resources
      where api_version = '${BALANCE_API}' and kind = any($1) and project = any($2)
      group by project, kind`,
    [QUOTA_KINDS, projects],
  );
  return new Map(
    [...groupBy(rows, ({ project }) => project)].map(([project, own]) => [
      project,
      Object.fromEntries(own.map(({ kind, uses }) => [kind, uses])),
    ]),
  );
}

/** What several projects have together. */
export function sumOf(uses: Uses, projects: readonly string[]): QuotaLimits {
  const sum: Partial<Record<QuotaKind, number>> = {};
  for (const project of projects)
    for (const kind of QUOTA_KINDS) {
      const used = uses.get(project)?.[kind];
      if (used !== undefined) sum[kind] = (sum[kind] ?? 0) + used;
    }
  return sum;
}
