import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type Resource, STREAMS } from '@signalbox/contracts';
import { loadPosition, resourcesProjection, streamCreated } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { Owned } from '../domain/plan-changeset.js';
import { OperatorResources } from '../operator-resources.js';

interface Row {
  readonly body: string;
  readonly set: string | null;
}

/** How operator resources stood. */
@Injectable()
export class PastResources {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
  ) {}

  /** All of them at a revision, by identity. Throws `not-found` for a revision without any, `not-ready` while the table is behind. */
  async at(revision: number): Promise<readonly Owned[]> {
    const newest = this.resources.revision;
    if (revision > newest)
      throw new CodedError('not-found', `there is no revision ${revision}: the newest is ${newest}`);
    const created = await streamCreated(this.bus, STREAMS.journal);
    const { manager } = this.dataSource;
    if ((await loadPosition(manager, resourcesProjection.name, STREAMS.journal, created)) < newest)
      throw new CodedError('not-ready', `revision ${newest} is not in the tables yet: try again`);
    const rows = await this.dataSource.query<Row[]>(
      `select body, set_name as set from resource_versions
        where from_revision <= $1 and (to_revision is null or to_revision > $1)
        order by api_version, kind, project, name`,
      [revision],
    );
    if (rows.length === 0)
      throw new CodedError(
        'not-found',
        `no resource stood at revision ${revision}: signalbox history lists those there are`,
      );
    return rows.map(({ body, set }) => ({
      resource: JSON.parse(body) as Resource,
      ...(set !== null && { set }),
    }));
  }
}
