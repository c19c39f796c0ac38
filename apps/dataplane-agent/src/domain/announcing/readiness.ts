import type { NodeAnnouncements, NodeListener, NodeState, NodeVip } from '@signalbox/contracts';
import type { AppliedListener, ObservedListener } from '../../drivers/driver.js';

/** A listener that takes clients. */
export interface ServingListener {
  readonly name: string;
  /** The VIP at which it stands. */
  readonly address: string;
  /** It, or a policy pool of it, has a target with a weight; when it stands, one that the node can reach. */
  readonly hasTarget: boolean;
}

/** The listeners of a state as if all of them stood. */
export function servingAsWanted({ listeners }: Pick<NodeState, 'listeners'>): ServingListener[] {
  return listeners.map(({ name, address, ...pools }) => ({ name, address, hasTarget: hasTarget(pools) }));
}

/** The listeners that stand after an apply. Of a refused one it is what was served before, when `observed` has that. */
export function servingAsApplied(
  { listeners }: Pick<NodeState, 'listeners'>,
  applied: readonly AppliedListener[],
  observed: readonly ObservedListener[],
): ServingListener[] {
  const results = new Map(applied.map((one) => [one.name, one]));
  const going = new Map(observed.map((one) => [one.name, one]));
  return listeners.flatMap((listener) => {
    const result = results.get(listener.name);
    const isApplied = result?.state === 'applied';
    const stands = isApplied ? listener : going.get(listener.name);
    if (!stands) return [];
    const { name, address } = stands;
    return [{ name, address, hasTarget: hasTarget(stands) && !(isApplied && result.reachesNobody) }];
  });
}

/**
 * Why a node does not announce a VIP; undefined: it is ready. It is when one of its listeners stands at it and, unless the announcement
 * does without, one of these has a target with a weight. ADR 0042.
 */
export function whyNotReady(
  vip: NodeVip,
  { drained }: Pick<NodeAnnouncements, 'drained'>,
  serving: ReadonlyMap<string, ServingListener>,
): string | undefined {
  if (drained) return 'the node is drained';
  if (vip.barred !== undefined) return vip.barred;
  const stand = vip.listeners.flatMap((name) => {
    const listener = serving.get(name);
    return listener?.address === vip.address ? [listener] : [];
  });
  if (stand.length === 0) return `no listener of it stands: ${vip.listeners.join(', ')}`;
  if (vip.withdrawWithoutTargets && !stand.some((one) => one.hasTarget)) return 'no target of it can be used';
  return undefined;
}

/** Listeners by their names, for {@link whyNotReady}. */
export function byName(serving: readonly ServingListener[]): ReadonlyMap<string, ServingListener> {
  return new Map(serving.map((one) => [one.name, one]));
}

type Weighted = readonly { readonly weight: number }[];

function hasTarget({
  targets,
  policyPools = [],
}:
  | Pick<NodeListener, 'policyPools' | 'targets'>
  | Pick<ObservedListener, 'policyPools' | 'targets'>): boolean {
  const groups: readonly Weighted[] = [targets, ...policyPools.map((pool) => pool.targets)];
  return groups.some((group) => group.some(({ weight }) => weight > 0));
}
