import {
  BALANCE_API,
  type L7PolicySpec,
  type L7RuleSpec,
  type PolicyParts,
  refOf,
  type Resource,
  scopedName,
  scopedNameOf,
  specOf,
} from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { groupBy } from '../domain/group-by.js';

/** The L7Policies of these Listeners with their L7Rules, without their pools, by the scoped name of the Listener. */
export async function policiesOf(
  tx: EntityManager,
  listeners: readonly Resource[],
): Promise<ReadonlyMap<string, readonly PolicyParts[]>> {
  const policies = await naming(tx, 'L7Policy', 'listener', listeners);
  const rules = groupBy(await naming(tx, 'L7Rule', 'policy', policies), (rule) =>
    scopedName(refOf(rule).project, specOf<L7RuleSpec>(rule).policy),
  );
  const parts = policies.map((resource) => ({ resource, rules: rules.get(scopedNameOf(resource)) ?? [] }));
  return groupBy(parts, ({ resource }) =>
    scopedName(refOf(resource).project, specOf<L7PolicySpec>(resource).listener),
  );
}

/** Resources of a kind whose field names one of these, in its project. */
async function naming(
  tx: EntityManager,
  kind: 'L7Policy' | 'L7Rule',
  field: 'listener' | 'policy',
  named: readonly Resource[],
): Promise<Resource[]> {
  if (named.length === 0) return [];
  const refs = named.map(refOf);
  const rows = await tx.query<{ body: string }[]>(
    `select e.body from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = '${kind}'
        and e.project = given.project and (e.body::jsonb #>> '{spec,${field}}') = given.name
      order by e.project, e.name`,
    [refs.map(({ project }) => project), refs.map(({ name }) => name)],
  );
  return rows.map(({ body }) => JSON.parse(body) as Resource);
}
