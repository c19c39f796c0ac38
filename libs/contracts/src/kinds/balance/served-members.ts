import { type AddressFamily, canonicalAddress } from '../../ip-address.js';
import { keyOf, type Resource } from '../../resource.js';
import { isOfKind, type LookupOf } from '../kind.js';
import { specOf } from '../spec-of.js';
import { FRONTEND, inlineMembers } from './frontend.js';
import { L7_POLICY } from './l7-policy.js';
import type { L7PolicySpec } from './l7-specs.js';
import { LISTENER } from './listener.js';
import { LOAD_BALANCER } from './load-balancer.js';
import type { ListenerSpec, LoadBalancerSpec, PoolSpec } from './load-balancer-specs.js';
import { backendPlace } from './pool-backends.js';
import { POOL_MEMBER } from './pool-member.js';
import { POOL, poolMembers } from './pool.js';
import type { FrontendSpec, PoolMemberSpec } from './specs.js';
import { vipIdentity } from './vip-identity.js';

/** A Frontend or Listener that a pool serves, or the requests of one that policies send to the pool. */
export interface ServedListener {
  /** Text key of the resource, or {@link policyPoolKey}. */
  readonly key: string;
  /** The VIP in its one spelling. */
  readonly vip: string;
  /** Of a Listener whose backends answer clients themselves: its port, which these have to have. */
  readonly dsrPort?: number;
}

/** One backend behind a Frontend or Listener, and the Frontend, Pool or PoolMember that names it. */
export interface ServedMember {
  readonly owner: Resource;
  readonly pointer: string;
  /** Name of the Pool, or of the Frontend: rules of their own see to it that a backend stands in each of them once. */
  readonly group: string;
  readonly backend: string;
  /** Its address and port. */
  readonly place: string;
  /** Absent: that of the listener. */
  readonly port?: number;
  readonly family: AddressFamily;
  readonly listener: ServedListener;
}

/** Key of a Pool → the Listeners that name it, or whose policies do. */
export type PoolListeners = ReadonlyMap<string, readonly ServedListener[]>;

/** Which Listeners each Pool serves; a Listener whose LoadBalancer is not there serves nothing. */
export function poolListeners(resources: Iterable<Resource>, lookupOf: LookupOf): PoolListeners {
  const listeners = new Map<string, ServedListener[]>();
  for (const resource of resources) {
    for (const [name, served] of servedBy(resource, lookupOf)) {
      const pool = lookupOf(resource)(POOL.apiVersion, POOL.kind, name);
      if (!pool) continue;
      const known = listeners.get(keyOf(pool));
      if (!known) listeners.set(keyOf(pool), [served]);
      else if (known.every(({ key }) => key !== served.key)) known.push(served);
    }
  }
  return listeners;
}

/** What policies send to a pool stands beside what the listener has itself: a server may be in both. */
export function policyPoolKey(listener: string, pool: string): string {
  return `${listener}\0${pool}`;
}

/** The Listener and pool of a policy that sends requests to one; undefined: it does not, or its Listener is not there. */
export function policyTarget(
  policy: Resource,
  lookupOf: LookupOf,
): { readonly listener: Resource; readonly pool: string } | undefined {
  const { listener: name, redirectPool: pool } = specOf<L7PolicySpec>(policy);
  if (pool === undefined) return undefined;
  const listener = lookupOf(policy)(LISTENER.apiVersion, LISTENER.kind, name);
  return listener && { listener, pool };
}

/** Names of the pools that a Listener or policy makes serve, with what each serves. */
function servedBy(resource: Resource, lookupOf: LookupOf): (readonly [pool: string, ServedListener])[] {
  if (isOfKind(resource, LISTENER)) {
    const served = listenerOf(resource, lookupOf);
    return served ? specOf<ListenerSpec>(resource).pools.map((pool) => [pool, served]) : [];
  }
  const target = isOfKind(resource, L7_POLICY) ? policyTarget(resource, lookupOf) : undefined;
  const served = target && listenerOf(target.listener, lookupOf);
  return target && served ? [[target.pool, { ...served, key: policyPoolKey(served.key, target.pool) }]] : [];
}

/** What a Frontend, Pool or PoolMember brings to the listeners that it serves. */
export function servedMembers(owner: Resource, listeners: PoolListeners, lookupOf: LookupOf): ServedMember[] {
  return broughtBy(owner, listeners, lookupOf).flatMap(({ pointer, group, backend, to }) => {
    const target = backendPlace(backend, lookupOf(owner));
    if (!target?.family) return [];
    const { family, ...where } = target;
    return to.map((listener) => ({ owner, pointer, group, backend, ...where, family, listener }));
  });
}

interface Brought {
  readonly pointer: string;
  readonly group: string;
  readonly backend: string;
  readonly to: readonly ServedListener[];
}

function broughtBy(owner: Resource, listeners: PoolListeners, lookupOf: LookupOf): Brought[] {
  const group = owner.metadata.name;
  if (isOfKind(owner, FRONTEND)) {
    const to = [frontendOf(owner)];
    return inlineMembers(specOf<FrontendSpec>(owner)).map((member) => ({ ...member, group, to }));
  }
  if (isOfKind(owner, POOL)) {
    const to = listeners.get(keyOf(owner)) ?? [];
    return poolMembers(group, specOf<PoolSpec>(owner)).map((member) => ({ ...member, group, to }));
  }
  if (!isOfKind(owner, POOL_MEMBER)) return [];
  const { frontendRef = '', poolRef, backendRef } = specOf<PoolMemberSpec>(owner);
  const [kind, name] = poolRef === undefined ? [FRONTEND, frontendRef] : [POOL, poolRef];
  const target = lookupOf(owner)(kind.apiVersion, kind.kind, name);
  if (!target) return [];
  const to = kind === FRONTEND ? [frontendOf(target)] : (listeners.get(keyOf(target)) ?? []);
  return [{ pointer: '/spec/backendRef', group: name, backend: backendRef, to }];
}

function frontendOf(frontend: Resource): ServedListener {
  return { key: keyOf(frontend), vip: canonicalAddress(specOf<FrontendSpec>(frontend).address) };
}

function listenerOf(listener: Resource, lookupOf: LookupOf): ServedListener | undefined {
  const { loadBalancer, forwarding, port } = specOf<ListenerSpec>(listener);
  const lookup = lookupOf(listener);
  const owner = lookup(LOAD_BALANCER.apiVersion, LOAD_BALANCER.kind, loadBalancer);
  const vip = owner && vipIdentity(specOf<LoadBalancerSpec>(owner), lookup);
  if (vip === undefined) return undefined;
  return { key: keyOf(listener), vip, ...(forwarding === 'dsr' && { dsrPort: port }) };
}
