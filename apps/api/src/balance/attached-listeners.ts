import {
  BALANCE_API,
  compileFrontend,
  type ListenerSpec,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import type { DeclaredRow } from './declared-rows.js';

/** A Listener and the LoadBalancer that it names, by scoped names; a Frontend is both. */
export interface AttachedListener {
  readonly loadBalancer: string;
  readonly listener: string;
  readonly spec: Partial<ListenerSpec>;
}

/** What these Frontends and LoadBalancers serve, by name within each. */
export async function listenersOf(
  tx: EntityManager,
  rows: readonly Pick<DeclaredRow, 'kind' | 'project' | 'name' | 'body'>[],
): Promise<AttachedListener[]> {
  const own = rows.flatMap(({ kind, project, name, body }): AttachedListener[] => {
    if (kind !== 'Frontend') return [];
    const { listener } = compileFrontend(JSON.parse(body) as Resource);
    const scoped = scopedName(project, name);
    return [{ loadBalancer: scoped, listener: scoped, spec: specOf<Partial<ListenerSpec>>(listener) }];
  });
  return [
    ...own,
    ...(await attachedTo(
      tx,
      rows.filter(({ kind }) => kind === 'LoadBalancer'),
    )),
  ];
}

async function attachedTo(
  tx: EntityManager,
  loadBalancers: readonly Pick<DeclaredRow, 'project' | 'name'>[],
): Promise<AttachedListener[]> {
  const found = await tx.query<{ project: string; name: string; body: string }[]>(
    `select e.project, e.name, e.body
       from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'Listener'
        and e.project = given.project and e.body::jsonb #>> '{spec,loadBalancer}' = given.name
      order by e.project, e.name`,
    [loadBalancers.map(({ project }) => project), loadBalancers.map(({ name }) => name)],
  );
  return found.map(({ project, name, body }) => {
    const spec = specOf<ListenerSpec>(JSON.parse(body) as Resource);
    return {
      loadBalancer: scopedName(project, spec.loadBalancer),
      listener: scopedName(project, name),
      spec,
    };
  });
}
