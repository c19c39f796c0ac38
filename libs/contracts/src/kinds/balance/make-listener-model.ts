import { parseDuration } from '../../duration.js';
import { DEFAULT_TLS, type NodeTls } from '../../node-state/listener-tls.js';
import type { NodePolicy } from '../../node-state/node-policy.js';
import { type Affinity, DEFAULT_TIMEOUTS, type ListenerTimeouts } from '../../node-state/node-state.js';
import { DEFAULT_PROJECT, type Resource, scopedName } from '../../resource.js';
import { specOf } from '../spec-of.js';
import type { ListenerModel, ModelPool, PolicyPool, Vip } from './listener-model.js';
import type { ListenerParts, ListenerPool } from './listener-parts.js';
import { listenerPolicies, type PolicyParts } from './listener-policies.js';
import {
  type AffinitySpec,
  type CertificateSpec,
  DEFAULT_AFFINITY_TIMEOUT,
  DEFAULT_ALGORITHM,
  type ListenerSpec,
  type ListenerTlsSpec,
  type LoadBalancerSpec,
  type PoolSpec,
} from './load-balancer-specs.js';
import { poolMembers } from './pool.js';
import { DEFAULT_WEIGHT, type PoolMemberSpec } from './specs.js';
import { VPP_DATA_PLANE_DEFAULTS } from './vpp-data-plane.js';

/**
 * What a listener comes down to, defaults filled in. `membersOf` gives the PoolMembers of a Pool by its name; they stand
 * behind the backends that the Pool names itself, ordered by their names. `vip` is that of the LoadBalancer, when its address is
 * not simply the one that is written in it.
 */
export function listenerModel(
  { kind, loadBalancer, listener, pools, certificates = [], policies: declared = [] }: ListenerParts,
  membersOf: (pool: string) => Iterable<Resource>,
  vip: Vip = writtenVip(loadBalancer),
): ListenerModel {
  const { project = DEFAULT_PROJECT, name } = listener.metadata;
  const { enabled = true, nodeGroup } = specOf<LoadBalancerSpec>(loadBalancer);
  const spec = specOf<Partial<ListenerSpec>>(listener);
  const policies = listenerPolicies(declared);
  const policyPools = policyPoolsOf(policies, declared, membersOf);
  return {
    name: scopedName(project, name),
    kind,
    loadBalancer: scopedName(project, loadBalancer.metadata.name),
    ...vip,
    ...(spec.protocol !== undefined && { protocol: spec.protocol }),
    port: spec.port ?? 0,
    enabled: enabled && (spec.enabled ?? true),
    ...(nodeGroup !== undefined && { nodeGroup }),
    ...spreadingOf(specOf<PoolSpec>(pools[0]!.resource)),
    ...(spec.forwarding === 'dsr' && { forwarding: spec.forwarding }),
    ...(spec.connectionLimit !== undefined && { connectionLimit: spec.connectionLimit }),
    timeouts: timeoutsOf(spec),
    ...(spec.tls && { tls: tlsOf(spec.tls, certificates) }),
    ...(spec.insertHeaders && { insertHeaders: spec.insertHeaders }),
    ...(policies.length > 0 && { policies }),
    ...(policyPools.length > 0 && { policyPools }),
    flushOnDown: spec.flushOnDown ?? true,
    failbackDelayMs: durationMs(spec.failbackDelay, 0),
    minUp: spec.minUp ?? 1,
    poolActivation: spec.poolActivation ?? 'up',
    slowStartMs: durationMs(spec.slowStart, 0),
    allDown: spec.allDown ?? 'drop',
    pools: pools.map((pool) => modelPool(pool, membersOf(pool.resource.metadata.name))),
  };
}

/** The VIP of a LoadBalancer as it is written, see {@link Vip}. */
export function writtenVip(loadBalancer: Resource): Vip {
  const { address, vipClaim } = specOf<LoadBalancerSpec>(loadBalancer);
  return address === undefined ? { waits: `VipClaim/${vipClaim} has no address yet` } : { address };
}

/** How a pool spreads and remembers clients, and what its targets are told of them. */
function spreadingOf({
  algorithm = DEFAULT_ALGORITHM,
  tableSize,
  affinity,
  proxyProtocol,
}: PoolSpec): Omit<PolicyPool, keyof ModelPool> {
  return {
    algorithm,
    ...(tableSize !== undefined && { tableSize }),
    ...(affinity && { affinity: affinityOf(affinity) }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
  };
}

/** The pools of policies, each once. One that is not there has no members: its requests go nowhere else. */
function policyPoolsOf(
  policies: readonly NodePolicy[],
  declared: readonly PolicyParts[],
  membersOf: (pool: string) => Iterable<Resource>,
): PolicyPool[] {
  const names = policies.flatMap((policy) => (policy.action === 'redirect-to-pool' ? [policy.pool] : []));
  const resources = new Map(declared.flatMap(({ pool }) => (pool ? [[pool.metadata.name, pool]] : [])));
  return [...new Set(names)].sort().map((name): PolicyPool => {
    const resource = resources.get(name);
    if (!resource) return { name, members: new Map(), ...spreadingOf({}) };
    return { ...modelPool({ name, resource }, membersOf(name)), ...spreadingOf(specOf<PoolSpec>(resource)) };
  });
}

function modelPool({ name, resource }: ListenerPool, brought: Iterable<Resource>): ModelPool {
  const { project = DEFAULT_PROJECT } = resource.metadata;
  const members = new Map<string, number>();
  for (const { backend, weight } of poolMembers(name, specOf<PoolSpec>(resource)))
    members.set(scopedName(project, backend), weight);
  for (const member of [...brought].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const { backendRef, weight = DEFAULT_WEIGHT } = specOf<PoolMemberSpec>(member);
    members.set(scopedName(project, backendRef), weight);
  }
  return { name, members };
}

function tlsOf({ minVersion, http2 }: ListenerTlsSpec, certificates: readonly Resource[]): NodeTls {
  return {
    certificates: certificates.map((resource) => {
      const { project = DEFAULT_PROJECT, name } = resource.metadata;
      const { file, keyFile } = specOf<CertificateSpec>(resource);
      return { name: scopedName(project, name), file, ...(keyFile !== undefined && { keyFile }) };
    }),
    minVersion: minVersion ?? DEFAULT_TLS.minVersion,
    http2: http2 ?? DEFAULT_TLS.http2,
  };
}

function affinityOf(affinity: AffinitySpec): Affinity {
  if (affinity.type !== 'source-ip') return affinity;
  return { type: 'source-ip', timeoutMs: parseDuration(affinity.timeout ?? DEFAULT_AFFINITY_TIMEOUT) };
}

/** A flow of datagrams has no end of its own: it is forgotten after the flow timeout of reference 2.4. */
function timeoutsOf(spec: Partial<ListenerSpec>): ListenerTimeouts {
  const flowMs = parseDuration(VPP_DATA_PLANE_DEFAULTS.flowTimeout);
  const defaults =
    spec.protocol === 'udp' ? { ...DEFAULT_TIMEOUTS, clientMs: flowMs, targetMs: flowMs } : DEFAULT_TIMEOUTS;
  return {
    connectMs: durationMs(spec.connectTimeout, defaults.connectMs),
    clientMs: durationMs(spec.clientTimeout, defaults.clientMs),
    targetMs: durationMs(spec.targetTimeout, defaults.targetMs),
  };
}

function durationMs(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseDuration(text);
}
