import { pointerToken } from '../../json-pointer.js';
import type { Resource } from '../../resource.js';
import { specOf } from '../spec-of.js';
import type { ListenerParts } from './listener-parts.js';
import { LISTENER } from './listener.js';
import type { ListenerSpec, LoadBalancerSpec, PoolSpec } from './load-balancer-specs.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { POOL } from './pool.js';
import type { FrontendSpec, TierRules } from './specs.js';
import { VPP_DATA_PLANE_DEFAULTS } from './vpp-data-plane.js';

/**
 * The LoadBalancer, Listener and Pools that a Frontend is the short form of. All but the Pools have its name; theirs
 * are `<frontend>/<pool>`, see {@link frontendPoolName}. Members that PoolMembers bring are no part of it. Reference 2.7.
 */
export function compileFrontend(frontend: Resource): ListenerParts {
  const { name } = frontend.metadata;
  const {
    description,
    address,
    nodeGroup,
    protocol,
    port = 0,
    pools,
    srcIpSticky,
    algorithm,
    ...options
  } = specOf<FrontendSpec>(frontend);
  const rules: TierRules = options;
  const about = description === undefined ? {} : { description };
  const shared: PoolSpec = {
    algorithm: algorithm ?? 'maglev',
    // as long as a flow of the data plane that the maglev model was made for: reference 2.4
    ...(srcIpSticky === true && {
      affinity: { type: 'source-ip', timeout: VPP_DATA_PLANE_DEFAULTS.flowTimeout },
    }),
  };
  const loadBalancer: LoadBalancerSpec = {
    ...about,
    address,
    ...(nodeGroup !== undefined && { nodeGroup }),
  };
  const listener: Omit<ListenerSpec, 'protocol'> & { protocol?: ListenerSpec['protocol'] } = {
    ...about,
    loadBalancer: name,
    ...(protocol !== undefined && { protocol }),
    port,
    pools: pools.map((pool) => frontendPoolName(name, pool.name)),
    ...rules,
  };
  const made = (kind: { apiVersion: string; kind: string }, called: string, spec: object): Resource => ({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...frontend.metadata, name: called },
    spec: spec as Resource['spec'],
  });
  return {
    kind: 'Frontend',
    loadBalancer: made(LOAD_BALANCER, name, loadBalancer),
    listener: made(LISTENER, name, listener),
    pools: pools.map((pool) => ({
      name: pool.name,
      resource: made(POOL, frontendPoolName(name, pool.name), {
        ...shared,
        ...(pool.backends && { backends: pool.backends }),
      }),
    })),
  };
}

/** The name of the Pool that a pool of a Frontend is; escaped as the name of a PoolMember is. */
export function frontendPoolName(frontend: string, pool: string): string {
  return `${pointerToken(frontend)}/${pointerToken(pool)}`;
}
