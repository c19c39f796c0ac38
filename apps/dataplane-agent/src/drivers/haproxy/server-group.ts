import { poolProxyName, proxyName } from './haproxy-names.js';
import type { PlacedListener, PlacedPool } from './placed-listener.js';

/** Servers of one section: those of a listener, or of one of its policy pools. */
export interface ServerGroup extends Pick<
  PlacedPool,
  'algorithm' | 'affinity' | 'proxyProtocol' | 'targets'
> {
  /** Name of the section. */
  readonly proxy: string;
  /** Name of the policy pool; absent: of the listener itself. */
  readonly pool?: string;
}

/** The groups of a listener: its own first, then its policy pools by name. */
export function serverGroups(listener: PlacedListener): readonly ServerGroup[] {
  const { name, policyPools = [] } = listener;
  const { algorithm, affinity, proxyProtocol, targets } = listener;
  const own: ServerGroup = {
    proxy: proxyName(name),
    algorithm,
    ...(affinity && { affinity }),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    targets,
  };
  if (policyPools.length === 0) return [own];
  const others = policyPools.map(({ name: pool, ...group }) => ({
    ...group,
    proxy: poolProxyName(name, pool),
    pool,
  }));
  return [own, ...others];
}
