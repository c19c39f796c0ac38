import {
  compareAddresses,
  digestOf,
  type NodeListener,
  type NodePool,
  type NodeState,
} from '@signalbox/contracts';
import type { AppliedListener } from '../drivers/driver.js';

/**
 * Digest of where a node sends packets, for comparing nodes: its listeners that stand, by VIP and port, with the table that chooses
 * targets, or these and their weights where there is none. Names, places on the node and times are not in it. Undefined: nothing stands.
 */
export function trafficDigest(
  { listeners }: Pick<NodeState, 'listeners'>,
  applied: readonly AppliedListener[],
): string | undefined {
  const results = new Map(applied.map((one) => [one.name, one]));
  const standing = listeners.flatMap((listener) => {
    const result = results.get(listener.name);
    return result?.state === 'applied' ? [{ listener, tableDigest: result.tableDigest }] : [];
  });
  if (standing.length === 0) return undefined;
  const ordered = standing.sort((a, b) => inOrder(a.listener, b.listener));
  return digestOf(ordered.map(({ listener, tableDigest }) => trafficOf(listener, tableDigest)));
}

function trafficOf(listener: NodeListener, tableDigest: string | undefined): object {
  const { address, protocol, port, algorithm, policies = [], policyPools = [] } = listener;
  return {
    ...{ address, protocol, port, algorithm, policies },
    ...(tableDigest === undefined ? { targets: targetsOf(listener) } : { tableDigest }),
    policyPools: policyPools.map((pool) => ({
      ...{ name: pool.name, algorithm: pool.algorithm, targets: targetsOf(pool) },
      ...(pool.tableSize !== undefined && { tableSize: pool.tableSize }),
    })),
  };
}

function targetsOf({ targets }: Pick<NodePool, 'targets'>): string[] {
  return targets.map(({ address, port, weight }) => `${address} ${port} ${weight}`);
}

function inOrder(a: NodeListener, b: NodeListener): number {
  return compareAddresses(a.address, b.address) || a.port - b.port || (a.protocol < b.protocol ? -1 : 1);
}
