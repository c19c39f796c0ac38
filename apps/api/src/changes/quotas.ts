import { Injectable } from '@nestjs/common';
import { BALANCE_API, type QuotaKind, type UseOf } from '@signalbox/contracts';
import { isUnavailable } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { ExcessesOf } from '../domain/check-plan.js';
import type { GivenDocument } from '../domain/plan-changeset.js';
import { quotaProjects } from '../domain/quota-projects.js';
import { OperatorResources } from '../operator-resources.js';

interface PartUse {
  readonly project: string;
  readonly kind: QuotaKind;
  readonly uses: number;
}

/**
 * Quotas as changes of people are checked against them. What people declared is counted at the revision that a change is
 * validated against, so of changes at one time exactly as many pass as there is room for; what parts of plugins have is
 * counted as the projection has it when the change comes.
 */
@Injectable()
export class Quotas {
  constructor(
    private readonly resources: OperatorResources,
    private readonly dataSource: DataSource,
  ) {}

  /** The check of a change that gives these documents. */
  async checkOf(documents: readonly GivenDocument[]): Promise<ExcessesOf> {
    const { quotas } = this.resources;
    const given = documents.flatMap((document) => document.resources.map(({ resource }) => resource));
    const projects = quotaProjects(quotas, given);
    const beside = await this.partsOf([...projects]);
    return (changes) => quotas.excesses(changes, beside);
  }

  /** What parts have. While Postgres is away they are not counted: people go on declaring, as they do without it. */
  private async partsOf(projects: readonly string[]): Promise<UseOf> {
    if (projects.length === 0) return () => 0;
    const rows = await this.dataSource
      .query<PartUse[]>(
        `select project, kind, count(*)::integer as uses from effective_resources
          where api_version = '${BALANCE_API}' and part_source is not null and project = any($1)
          group by project, kind`,
        [projects],
      )
      .catch((error: unknown) => {
        if (isUnavailable(error)) return [];
        throw error;
      });
    const uses = new Map(rows.map((row) => [`${row.project} ${row.kind}`, row.uses]));
    return (project, kind) => uses.get(`${project} ${kind}`) ?? 0;
  }
}
