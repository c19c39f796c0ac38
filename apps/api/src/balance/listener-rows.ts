import {
  BALANCE_API,
  compileFrontend,
  type L7PolicySpec,
  type ListenerParts,
  type ListenerSpec,
  type PolicyParts,
  refOf,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import { nameIn, projectIn } from '@signalbox/store';
import type { EntityManager } from 'typeorm';
import type { ConfiguredRow } from './origin.js';
import { policiesOf } from './policy-rows.js';

/** A listener as `balancer` recorded it last, with the resource that declares it. Its name is scoped. */
export interface ListenerRow extends ConfiguredRow {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly active_pool: string;
}

/** Listeners that are in the effective config, as a Frontend or as a Listener, and that `balancer` has recorded. */
export const RECORDED_LISTENERS = `
  select f.name, f.state, f.since, f.active_pool, e.body, e.revision, e.part_source, e.part_generation
    from frontends f join effective_resources e
      on e.api_version = '${BALANCE_API}' and e.kind in ('Frontend', 'Listener')
     and e.project = ${projectIn('f.name')} and e.name = ${nameIn('f.name')}`;

/** Those of these scoped names. */
export function findListeners(tx: EntityManager, names: readonly string[]): Promise<ListenerRow[]> {
  return tx.query<ListenerRow[]>(`${RECORDED_LISTENERS} where f.name = any($1)`, [names]);
}

/** A resource that a listener refers to. */
interface Wanted {
  readonly kind: 'LoadBalancer' | 'Pool' | 'Certificate';
  readonly project: string;
  readonly name: string;
}

/**
 * What each of these resources consists of: a Frontend of what it is compiled into, a Listener of what it refers to; by
 * scoped name. One whose LoadBalancer, Pools or Certificates are not
 * there is missing.
 */
export async function partsOf(
  tx: EntityManager,
  resources: readonly Resource[],
): Promise<ReadonlyMap<string, ListenerParts>> {
  const declared = resources.filter(({ kind }) => kind === 'Listener');
  const policies = await policiesOf(tx, declared);
  const policyPools = [...policies.values()].flat().flatMap(({ resource }) => poolOf(resource) ?? []);
  const found = await resourcesOf(tx, [...declared.flatMap(wantedBy), ...policyPools]);
  const parts = new Map<string, ListenerParts>();
  for (const resource of resources) {
    const { project, name } = refOf(resource);
    const made = resource.kind === 'Listener' ? collected(resource, found) : compileFrontend(resource);
    const own = policies.get(scopedName(project, name))?.map((policy): PolicyParts => {
      const wanted = poolOf(policy.resource);
      const pool = wanted && found.get(keyOf(wanted));
      return pool ? { ...policy, pool } : policy;
    });
    if (made) parts.set(scopedName(project, name), own ? { ...made, policies: own } : made);
  }
  return parts;
}

/** The Pool that a policy sends requests to. */
function poolOf(policy: Resource): Wanted | undefined {
  const { redirectPool: name } = specOf<L7PolicySpec>(policy);
  return name === undefined ? undefined : { kind: 'Pool', project: refOf(policy).project, name };
}

function wantedBy(listener: Resource): Wanted[] {
  const { project } = refOf(listener);
  const { loadBalancer, pools, tls } = specOf<ListenerSpec>(listener);
  return [
    { kind: 'LoadBalancer', project, name: loadBalancer },
    ...pools.map((name): Wanted => ({ kind: 'Pool', project, name })),
    ...(tls?.certificates ?? []).map((name): Wanted => ({ kind: 'Certificate', project, name })),
  ];
}

function collected(listener: Resource, found: ReadonlyMap<string, Resource>): ListenerParts | undefined {
  const wanted = wantedBy(listener);
  const whole = wanted.flatMap((one) => found.get(keyOf(one)) ?? []);
  if (whole.length < wanted.length) return undefined;
  const ofKind = (kind: Wanted['kind']): Resource[] => whole.filter((resource) => resource.kind === kind);
  const certificates = ofKind('Certificate');
  return {
    kind: 'Listener',
    loadBalancer: whole[0]!,
    listener,
    pools: ofKind('Pool').map((resource) => ({ name: resource.metadata.name, resource })),
    ...(certificates.length > 0 && { certificates }),
  };
}

async function resourcesOf(
  tx: EntityManager,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, Resource>> {
  const rows = await tx.query<(Wanted & { readonly body: string })[]>(
    `select e.kind, e.project, e.name, e.body
       from (select distinct * from unnest($1::text[], $2::text[], $3::text[])) as given(kind, project, name)
       join effective_resources e
         on (e.api_version, e.kind, e.project, e.name) = ('${BALANCE_API}', given.kind, given.project, given.name)`,
    [wanted.map(({ kind }) => kind), wanted.map(({ project }) => project), wanted.map(({ name }) => name)],
  );
  return new Map(rows.map((row) => [keyOf(row), JSON.parse(row.body) as Resource]));
}

function keyOf({ kind, project, name }: Wanted): string {
  return JSON.stringify([kind, project, name]);
}
