import { Injectable } from '@nestjs/common';
import { FEDERATION_API, PLUGIN_API, type Resource } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import type { RevisedResource, Rule } from './domain/rule.js';
import { rulesOf } from './rules.js';

/** Rules as they were declared at revisions of the past. */
@Injectable()
export class PastRules {
  constructor(private readonly dataSource: DataSource) {}

  /** All rules that were declared right after a revision, by subscription. */
  async at(revision: number): Promise<ReadonlyMap<string, Rule>> {
    const rows = await this.dataSource.query<{ kind: string; body: string; revision: number }[]>(
      `select kind, body, from_revision as revision from resource_versions
        where (api_version, kind) in (($2, 'EventSubscription'), ($3, 'Plugin'))
          and from_revision <= $1 and (to_revision is null or to_revision > $1)`,
      [revision, FEDERATION_API, PLUGIN_API],
    );
    const revised = rows.map(({ kind, body, revision: from }) => {
      const entry: RevisedResource = { resource: JSON.parse(body) as Resource, revision: from };
      return { kind, entry };
    });
    const plugins = new Map(
      revised
        .filter(({ kind }) => kind === 'Plugin')
        .map(({ entry }) => [entry.resource.metadata.name, entry]),
    );
    const subscriptions = revised
      .filter(({ kind }) => kind === 'EventSubscription')
      .map(({ entry }) => entry);
    return rulesOf(subscriptions, (name) => plugins.get(name));
  }
}
