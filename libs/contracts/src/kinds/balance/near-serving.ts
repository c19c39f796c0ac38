import { keyOf, type Resource } from '../../resource.js';
import { isOfKind, type Surroundings } from '../kind.js';
import { namedKey } from '../named-key.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { endpointText } from './endpoint.js';
import { FRONTEND, inlineMembers } from './frontend.js';
import { L7_POLICY } from './l7-policy.js';
import type { L7PolicySpec } from './l7-specs.js';
import { LISTENER } from './listener.js';
import type { ListenerSpec, PoolSpec } from './load-balancer-specs.js';
import { nearVip, vipPlaces } from './near-vip.js';
import { POOL_MEMBER } from './pool-member.js';
import { POOL, poolMembers } from './pool.js';
import type { BackendSpec, FrontendSpec, PoolMemberSpec } from './specs.js';

/** Places by which what serves together finds each other. */
export function servingPlaces(resource: Resource): readonly string[] {
  const vip = vipPlaces(resource);
  if (isOfKind(resource, BACKEND)) return [endpointPlace(resource)];
  if (isOfKind(resource, LISTENER) || isOfKind(resource, L7_POLICY))
    return [...vip, ...servedPools(resource).map(servingPlace)];
  const brought = broughtBackends(resource).map((name) => bringingPlace(namedKey(resource, BACKEND, name)));
  const group = memberGroup(resource);
  return [...vip, ...brought, ...(group === undefined ? [] : [memberPlace(group)])];
}

/**
 * What one backend at an address shows: others that bring a backend at the same address, what the pool serves, and of each
 * family behind the VIP what people declared, which is of one. That parts bring two families behind one VIP is told of what
 * stands in one part, of Listeners and of policies only: each part would hang on whichever is the oldest. ADR 0041.
 * A Listener or policy sees all members of its pools.
 */
export function* nearServing(resource: Resource, surroundings: Surroundings): Iterable<Resource> {
  const { at } = surroundings;
  if (isOfKind(resource, LISTENER) || isOfKind(resource, L7_POLICY)) {
    const listener = isOfKind(resource, LISTENER) ? resource : listenerOfPolicy(resource, surroundings);
    yield* poolsOf(resource, surroundings);
    for (const pool of servedPools(resource)) yield* at(memberPlace(pool));
    if (listener) yield* behindVip(listener, surroundings);
    return;
  }
  for (const backend of broughtBackends(resource)) {
    const found = surroundings.lookupOf(resource)(BACKEND.apiVersion, BACKEND.kind, backend);
    if (!found) continue;
    for (const other of at(endpointPlace(found))) yield* at(bringingPlace(keyOf(other)));
  }
  yield* served(resource, surroundings);
}

/** What a Frontend, Pool or PoolMember serves, and what stands behind the VIPs of that. */
function* served(resource: Resource, surroundings: Surroundings): Iterable<Resource> {
  if (isOfKind(resource, FRONTEND)) return yield* behindVip(resource, surroundings);
  const { frontendRef } = isOfKind(resource, POOL_MEMBER) ? specOf<PoolMemberSpec>(resource) : {};
  if (frontendRef !== undefined) {
    const frontend = surroundings.lookupOf(resource)(FRONTEND.apiVersion, FRONTEND.kind, frontendRef);
    if (frontend) yield* behindVip(frontend, surroundings);
    return;
  }
  const pool = isOfKind(resource, POOL) ? keyOf(resource) : memberGroup(resource);
  for (const one of surroundings.at(servingPlace(pool ?? ''))) {
    yield one;
    const listener = isOfKind(one, LISTENER) ? one : listenerOfPolicy(one, surroundings);
    if (listener) yield* behindVip(listener, surroundings);
  }
}

/** The Frontends and Listeners of a VIP with their pools, and a member that people declared of each. */
function* behindVip(listener: Resource, surroundings: Surroundings): Iterable<Resource> {
  for (const one of nearVip(listener, surroundings)) {
    yield one;
    yield* poolsOf(one, surroundings);
    const groups = isOfKind(one, FRONTEND) ? [keyOf(one)] : servedPools(one);
    for (const group of groups) {
      const member = surroundings.firstDeclaredAt(memberPlace(group));
      if (member) yield member;
    }
  }
}

/** The Pools that a Listener or policy makes serve; none of what is neither. */
function* poolsOf(resource: Resource, { lookupOf }: Surroundings): Iterable<Resource> {
  for (const name of servedPoolNames(resource)) {
    const pool = lookupOf(resource)(POOL.apiVersion, POOL.kind, name);
    if (pool) yield pool;
  }
}

function listenerOfPolicy(policy: Resource, { lookupOf }: Surroundings): Resource | undefined {
  return lookupOf(policy)(LISTENER.apiVersion, LISTENER.kind, specOf<L7PolicySpec>(policy).listener);
}

function servedPools(resource: Resource): readonly string[] {
  return servedPoolNames(resource).map((name) => namedKey(resource, POOL, name));
}

function servedPoolNames(resource: Resource): readonly string[] {
  if (isOfKind(resource, LISTENER)) return specOf<ListenerSpec>(resource).pools;
  const { redirectPool } = isOfKind(resource, L7_POLICY) ? specOf<L7PolicySpec>(resource) : {};
  return redirectPool === undefined ? [] : [redirectPool];
}

/** Names of the backends that a Frontend, Pool or PoolMember brings. */
function broughtBackends(resource: Resource): readonly string[] {
  if (isOfKind(resource, FRONTEND))
    return inlineMembers(specOf<FrontendSpec>(resource)).map(({ backend }) => backend);
  if (isOfKind(resource, POOL))
    return poolMembers(resource.metadata.name, specOf<PoolSpec>(resource)).map(({ backend }) => backend);
  return isOfKind(resource, POOL_MEMBER) ? [specOf<PoolMemberSpec>(resource).backendRef] : [];
}

/** Key of the Frontend or Pool that a PoolMember is of. */
function memberGroup(resource: Resource): string | undefined {
  if (!isOfKind(resource, POOL_MEMBER)) return undefined;
  const { frontendRef = '', poolRef } = specOf<PoolMemberSpec>(resource);
  return poolRef === undefined
    ? namedKey(resource, FRONTEND, frontendRef)
    : namedKey(resource, POOL, poolRef);
}

function endpointPlace(backend: Resource): string {
  return `serves at ${endpointText(specOf<BackendSpec>(backend))}`;
}

function bringingPlace(backend: string): string {
  return `brings ${backend}`;
}

function servingPlace(pool: string): string {
  return `makes serve ${pool}`;
}

function memberPlace(group: string): string {
  return `member of ${group}`;
}
