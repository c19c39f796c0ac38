import { Injectable } from '@nestjs/common';
import {
  DEFAULT_PROJECT,
  type HealthCheckSpec,
  readScopedName,
  type Resource,
  scopedName,
} from '@signalbox/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import type { HealthCheckDto, HealthChecksQuery } from './healthchecks.dto.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';

/** A backend and the health check that probes it, by scoped names. */
interface ProbedRow {
  readonly name: string;
  readonly healthcheck: string;
}

const KINDS = ['HealthCheck'] as const;

/** Reads of health checks; both tables are read in one snapshot. */
@Injectable()
export class HealthChecksReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By project and name. */
  async list({ project, limit, after }: HealthChecksQuery): Promise<Page<HealthCheckDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project, behind, limit: limit + 1 });
      const probed = await probedBy(tx, rows);
      return pageOf(rows, limit, (row) => healthCheckItem(row, probed.get(nameOf(row))), keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(scoped: string): Promise<HealthCheckDto> {
    const found = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await findDeclared(tx, KINDS, scoped);
      return row && healthCheckItem(row, (await probedBy(tx, [row])).get(scoped));
    });
    if (found) return found;
    throw noSuch('health check', scoped, 'healthchecks');
  }
}

/** The backends that are probed by these health checks, by the scoped name of the check. */
async function probedBy(
  tx: EntityManager,
  rows: readonly DeclaredRow[],
): Promise<ReadonlyMap<string, readonly ProbedRow[]>> {
  const probed = await tx.query<ProbedRow[]>(
    `select name, healthcheck from backends where healthcheck = any($1) and state <> 'removed'`,
    [rows.map(nameOf)],
  );
  return groupBy(probed, ({ healthcheck }) => healthcheck);
}

function nameOf({ project, name }: DeclaredRow): string {
  return scopedName(project, name);
}

function healthCheckItem(row: DeclaredRow, probed: readonly ProbedRow[] = []): HealthCheckDto {
  const { spec } = JSON.parse(row.body) as Resource;
  return {
    name: row.name,
    ...(row.project !== DEFAULT_PROJECT && { project: row.project }),
    spec: spec as unknown as HealthCheckSpec,
    backends: probed.map(({ name }) => readScopedName(name).name).sort(),
    origin: originOf(row),
  };
}
