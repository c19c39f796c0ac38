import { Injectable } from '@nestjs/common';
import {
  BALANCE_API,
  CodedError,
  DEFAULT_PROJECT,
  type HealthCheckSpec,
  type Resource,
} from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import type { HealthCheckDto } from './healthchecks.dto.js';
import { type ConfiguredRow, originOf } from './origin.js';

interface HealthCheckViewRow extends ConfiguredRow {
  readonly name: string;
  readonly backends: string[];
}

/** HealthChecks of the effective config with the backends that are probed by them. */
const CHECKS = `
  select e.name, e.body, e.revision, e.part_source, e.part_generation,
         array(select b.name from backends b where b.healthcheck = e.name and b.state <> 'removed') as backends
    from effective_resources e
   where e.api_version = '${BALANCE_API}' and e.kind = 'HealthCheck' and e.project = '${DEFAULT_PROJECT}'`;

/** Reads of health checks. */
@Injectable()
export class HealthChecksReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<HealthCheckDto>> {
    const behind = after === undefined ? null : decodeCursor(after, ['string'])[0];
    const rows = await this.dataSource.query<HealthCheckViewRow[]>(
      `${CHECKS} and ($1::text is null or e.name > $1) order by e.name limit $2`,
      [behind, limit + 1],
    );
    return pageOf(rows, limit, healthCheckItem, ({ name }) => [name]);
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<HealthCheckDto> {
    const [row] = await this.dataSource.query<HealthCheckViewRow[]>(`${CHECKS} and e.name = $1`, [name]);
    if (row) return healthCheckItem(row);
    throw new CodedError(
      'not-found',
      `there is no health check ${name}: GET /v1/healthchecks lists what there is`,
    );
  }
}

function healthCheckItem(row: HealthCheckViewRow): HealthCheckDto {
  const { spec } = JSON.parse(row.body) as Resource;
  return {
    name: row.name,
    spec: spec as unknown as HealthCheckSpec,
    backends: row.backends.sort(),
    origin: originOf(row),
  };
}
