import type { DataSource } from 'typeorm';
import { auditProjection } from './audit/audit.projection.js';
import { backendIntentsProjection } from './backends/backend-intents.projection.js';
import { backendsProjection } from './backends/backends.projection.js';
import { deadLettersProjection } from './dead/dead-letters.projection.js';
import { deliveriesProjection } from './deliveries/deliveries.projection.js';
import { factsProjection, factsProjectionName } from './facts/facts.projection.js';
import { frontendsProjection } from './frontends/frontends.projection.js';
import { weightOverridesProjection } from './frontends/weight-overrides.projection.js';
import { nodeDrainsProjection } from './nodes/node-drains.projection.js';
import { nodesProjection } from './nodes/nodes.projection.js';
import { partsProjection } from './parts/parts.projection.js';
import type { Projection } from './projection.js';
import { resourcesProjection } from './resources/resources.projection.js';
import { tokensProjection } from './resources/tokens.projection.js';
import { runsProjection } from './runs/runs.projection.js';
import { sinkIntentsProjection } from './sinks/sink-intents.projection.js';
import { sinksProjection } from './sinks/sinks.projection.js';
import { vipsProjection } from './vips/vips.projection.js';

/**
 * Every projection of a site, with one of facts for each of these groups (architecture section 6 rule 2).
 *
 * Not among them: `pending_facts` and `pending_withdrawals`, the matcher's working state; `backend_counters`, `probed_until` and `kept_answers`, which are caches;
 * `positions`, which says how far projections are.
 */
export function siteProjections(groups: readonly string[]): readonly Projection[] {
  return [
    resourcesProjection,
    tokensProjection,
    ...groups.map(factsProjection),
    // before the runs, because rows of these are needed by theirs
    partsProjection,
    runsProjection,
    deliveriesProjection,
    backendsProjection,
    backendIntentsProjection,
    frontendsProjection,
    weightOverridesProjection,
    nodesProjection,
    nodeDrainsProjection,
    vipsProjection,
    sinksProjection,
    sinkIntentsProjection,
    auditProjection,
    deadLettersProjection,
  ];
}

/** Groups whose facts were projected at some time, declared or not any more; by name. */
export async function projectedGroups(dataSource: DataSource): Promise<string[]> {
  const prefix = factsProjectionName('');
  const rows = await dataSource.query<{ projection: string }[]>(
    `select distinct projection from positions where starts_with(projection, $1) order by projection`,
    [prefix],
  );
  return rows.map(({ projection }) => projection.slice(prefix.length));
}
