import { Injectable } from '@nestjs/common';
import { BALANCE_API } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { nameIn, projectIn } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { type FrontendViewRow, frontendView } from './frontend-view.js';
import type { FrontendDto, FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { targetsOf } from './target-rows.js';

/** Frontends that are in the effective config and that `balancer` has recorded. */
const RECORDED = `
  select f.name, f.state, f.since, f.active_pool, e.body, e.revision, e.part_source, e.part_generation
    from frontends f join effective_resources e
      on (e.api_version, e.kind, e.project, e.name) =
         ('${BALANCE_API}', 'Frontend', ${projectIn('f.name')}, ${nameIn('f.name')})`;

/** Reads of frontends, by their scoped names; several tables are read in one snapshot. */
@Injectable()
export class FrontendsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** By scoped name. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<FrontendDto>> {
    const behind = after === undefined ? null : decodeCursor(after, ['string'])[0];
    const ofProject = project === undefined ? 'true' : `${projectIn('f.name')} = $3`;
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await tx.query<FrontendViewRow[]>(
        `${RECORDED} where ($1::text is null or f.name > $1) and ${ofProject} order by f.name limit $2`,
        [behind, limit + 1, ...(project === undefined ? [] : [project])],
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
    throw noSuch('frontend', name, 'frontends');
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
