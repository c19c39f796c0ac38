import { Injectable } from '@nestjs/common';
import { BALANCE_API, CodedError, DEFAULT_PROJECT } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import { type FrontendViewRow, frontendView, type TargetViewRow } from './frontend-view.js';
import type { FrontendDto } from './frontends.dto.js';

/** Frontends that are in the effective config and that `balancer` has recorded. */
const RECORDED = `
  select f.name, f.state, f.since, f.active_pool, e.body, e.revision, e.part_source, e.part_generation
    from frontends f join effective_resources e
      on (e.api_version, e.kind, e.project, e.name) = ('${BALANCE_API}', 'Frontend', '${DEFAULT_PROJECT}', f.name)`;

/** Reads of frontends; several tables are read in one snapshot. */
@Injectable()
export class FrontendsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<FrontendDto>> {
    const behind = after === undefined ? null : decodeCursor(after, ['string'])[0];
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await tx.query<FrontendViewRow[]>(
        `${RECORDED} where $1::text is null or f.name > $1 order by f.name limit $2`,
        [behind, limit + 1],
      );
      const targets = await targetsOf(
        tx,
        rows.map(({ name }) => name),
      );
      return pageOf(
        rows,
        limit,
        (row) => frontendView(row, targets.get(row.name) ?? [], this.clock.now()),
        ({ name }) => [name],
      );
    });
  }

  /** One frontend. Throws `not-found`. */
  async get(name: string): Promise<FrontendDto> {
    const frontend = await this.find(name);
    if (frontend) return frontend;
    throw new CodedError('not-found', `there is no frontend ${name}: GET /v1/frontends lists what there is`);
  }

  /** The same, undefined when it is not in the config or `balancer` has not recorded it yet. */
  async find(name: string): Promise<FrontendDto | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await tx.query<FrontendViewRow[]>(`${RECORDED} where f.name = $1`, [name]);
      if (!row) return undefined;
      return frontendView(row, (await targetsOf(tx, [name])).get(name) ?? [], this.clock.now());
    });
  }
}

/** Targets by frontend. */
async function targetsOf(
  tx: EntityManager,
  frontends: readonly string[],
): Promise<ReadonlyMap<string, readonly TargetViewRow[]>> {
  const rows = await tx.query<TargetViewRow[]>(
    `select t.*, (select b.state from backends b where b.name = t.backend) as backend_state, o.body as override
       from frontend_targets t
       left join weight_overrides o on (o.frontend, o.pool, o.backend) = (t.frontend, t.pool, t.backend)
      where t.frontend = any($1)`,
    [frontends],
  );
  const grouped = new Map<string, TargetViewRow[]>();
  for (const row of rows) grouped.set(row.frontend, [...(grouped.get(row.frontend) ?? []), row]);
  return grouped;
}
