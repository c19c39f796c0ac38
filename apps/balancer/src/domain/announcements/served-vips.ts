import { addressKey, canonicalAddress, type ListenerModel, type NodeSettings } from '@signalbox/contracts';
import { placementOf } from '../node-placement.js';

/** A VIP, and which nodes serve what at it. */
export interface ServedVip {
  /** Canonical. */
  readonly address: string;
  /** Its `addressKey`, by which addresses are put in order. */
  readonly key: string;
  /** Node → scoped names of its listeners at the VIP, sorted; only nodes that have one. */
  readonly byNode: ReadonlyMap<string, readonly string[]>;
  /** Scoped names of all listeners that some node serves, sorted. */
  readonly listeners: readonly string[];
}

/** The VIPs of which some node serves a listener, by their canonical addresses. */
export function servedVips(
  models: Iterable<ListenerModel>,
  nodes: readonly NodeSettings[],
): ReadonlyMap<string, ServedVip> {
  const found = new Map<string, { byNode: Map<string, string[]>; listeners: string[] }>();
  for (const model of models) {
    if (model.address === undefined) continue;
    const serving = placementOf(model, nodes).nodes;
    if (serving.length === 0) continue;
    const address = canonicalAddress(model.address);
    const vip = found.get(address) ?? { byNode: new Map<string, string[]>(), listeners: [] };
    found.set(address, vip);
    vip.listeners.push(model.name);
    for (const node of serving) vip.byNode.set(node, [...(vip.byNode.get(node) ?? []), model.name]);
  }
  return new Map(
    Array.from(found, ([address, { byNode, listeners }]) => [
      address,
      {
        address,
        key: addressKey(address),
        byNode: new Map(Array.from(byNode, ([node, names]) => [node, names.sort()])),
        listeners: listeners.sort(),
      },
    ]),
  );
}

/** The listeners of a VIP that a node does not serve, sorted: with one of them it may not announce it. */
export function missingAt({ byNode, listeners }: ServedVip, node: string): readonly string[] {
  const served = byNode.get(node) ?? [];
  if (served.length === listeners.length) return [];
  const own = new Set(served);
  return listeners.filter((name) => !own.has(name));
}
