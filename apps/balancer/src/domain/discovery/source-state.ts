import {
  type BackendSourceSpec,
  type BackendSpec,
  BALANCE_API,
  canonicalAddress,
  DEFAULT_PROJECT,
  endpointText,
  keyOf,
  poolMemberName,
  type PoolMemberSpec,
  type Resource,
  type RunFact,
  SOURCE_DEFAULTS,
  specOf,
} from '@signalbox/contracts';
import type { SourceEndpoint } from './endpoint.js';

/** An endpoint as the site has it. `leavesAt`: it is not in the source any more, and stays with weight 0 until then (RFC 3339). */
export interface HeldEndpoint extends SourceEndpoint {
  readonly leavesAt?: string;
}

/** What a source brought: the content of its part. */
export interface SourceState {
  /** By text key: what the endpoints stand in, when the source brings that too. */
  readonly frame: ReadonlyMap<string, Resource>;
  /** By {@link endpointKey}. */
  readonly endpoints: ReadonlyMap<string, HeldEndpoint>;
}

/** What a source has that brought nothing yet. */
export const EMPTY_STATE: SourceState = { frame: new Map(), endpoints: new Map() };

/** What names a source and says how its part is written. */
export interface SourceIdentity {
  readonly name: string;
  readonly project: string;
  readonly spec: Pick<BackendSourceSpec, 'weight' | 'healthCheck'>;
}

/** Annotations of what sources bring. */
export const SOURCE_ANNOTATIONS = {
  /** Of a Backend: the words that it is known by, with commas between. */
  tags: 'balance.signalbox.dev/tags',
  /** Of a PoolMember with weight 0: when it goes. */
  leavesAt: 'balance.signalbox.dev/leaves-at',
} as const;

/** A resource of a part, and the fact that it comes from. */
export interface SourceResource {
  readonly resource: Resource;
  readonly fact?: RunFact;
}

/** One text for each place in each pool. */
export function endpointKey({
  pool,
  address,
  port,
}: Pick<SourceEndpoint, 'pool' | 'address' | 'port'>): string {
  return `${pool} ${endpointText({ address, port })}`;
}

/**
 * The content of the part that says a state, in canonical order: the frame, then for each place a Backend
 * `<source>-<address>:<port>`, and for each place in a pool a PoolMember. `allDraining`: every weight is 0.
 */
export function sourceResources(
  { frame, endpoints }: SourceState,
  source: SourceIdentity,
  { allDraining = false } = {},
): SourceResource[] {
  const backends = new Map<string, SourceResource>();
  const members: SourceResource[] = [];
  for (const key of [...endpoints.keys()].sort()) {
    const endpoint = endpoints.get(key)!;
    const { fact } = endpoint;
    const backend = backendOf(endpoint, source);
    const { name } = backend.metadata;
    if (!backends.has(name)) backends.set(name, { resource: backend, ...(fact && { fact }) });
    members.push({ resource: memberOf(endpoint, name, source, allDraining), ...(fact && { fact }) });
  }
  const around = [...frame.keys()].sort().map((key): SourceResource => ({ resource: frame.get(key)! }));
  return [...around, ...backends.values(), ...members];
}

/** The state that a part says; the facts that its endpoints came from are not known by it. */
export function stateOfResources(resources: readonly Resource[], source: SourceIdentity): SourceState {
  const places = new Map<string, { readonly spec: BackendSpec; readonly tags?: readonly string[] }>();
  const members: Resource[] = [];
  const frame = new Map<string, Resource>();
  for (const resource of resources) {
    const { kind, metadata } = resource;
    if (kind === 'Backend') {
      const tags = metadata.annotations?.[SOURCE_ANNOTATIONS.tags]?.split(',');
      places.set(metadata.name, { spec: specOf<BackendSpec>(resource), ...(tags && { tags }) });
    } else if (kind === 'PoolMember') members.push(resource);
    else frame.set(keyOf(resource), resource);
  }
  const endpoints = new Map<string, HeldEndpoint>();
  for (const member of members) {
    const { poolRef: pool, backendRef, weight } = specOf<PoolMemberSpec>(member);
    const place = places.get(backendRef);
    if (pool === undefined || place?.spec.port === undefined) continue;
    const { address, port } = place.spec;
    const leavesAt = member.metadata.annotations?.[SOURCE_ANNOTATIONS.leavesAt];
    const endpoint: HeldEndpoint = {
      ...{ pool, address, port },
      ...(weight === 0
        ? { isDraining: true }
        : weight !== (source.spec.weight ?? SOURCE_DEFAULTS.weight) && weight !== undefined && { weight }),
      ...(place.tags && { tags: place.tags }),
      ...(leavesAt !== undefined && { leavesAt }),
    };
    endpoints.set(endpointKey(endpoint), endpoint);
  }
  return { frame, endpoints };
}

function backendOf(
  { address, port, tags = [] }: HeldEndpoint,
  { name, project, spec }: SourceIdentity,
): Resource {
  return resourceOf('Backend', `${name}-${endpointText({ address, port })}`, project, {
    annotations: tags.length > 0 && { [SOURCE_ANNOTATIONS.tags]: [...tags].sort().join(',') },
    spec: {
      address: canonicalAddress(address),
      port,
      ...(spec.healthCheck !== undefined && { healthcheck: spec.healthCheck }),
    } satisfies BackendSpec,
  });
}

function memberOf(
  endpoint: HeldEndpoint,
  backendRef: string,
  source: SourceIdentity,
  allDraining: boolean,
): Resource {
  const { pool: poolRef, weight, isDraining, leavesAt } = endpoint;
  const isQuiet = allDraining || isDraining === true || leavesAt !== undefined;
  const spec: PoolMemberSpec = {
    poolRef,
    backendRef,
    weight: isQuiet ? 0 : (weight ?? source.spec.weight ?? SOURCE_DEFAULTS.weight),
  };
  return resourceOf('PoolMember', poolMemberName(spec), source.project, {
    annotations: leavesAt !== undefined && { [SOURCE_ANNOTATIONS.leavesAt]: leavesAt },
    spec,
  });
}

function resourceOf(
  kind: string,
  name: string,
  project: string,
  {
    annotations,
    spec,
  }: { readonly annotations: Readonly<Record<string, string>> | false; readonly spec: object },
): Resource {
  return {
    apiVersion: BALANCE_API,
    kind,
    metadata: {
      name,
      ...(project !== DEFAULT_PROJECT && { project }),
      ...(annotations && { annotations }),
    },
    spec: spec as Resource['spec'],
  };
}
