import { isInGroups, type ListenerModel, type NodeSettings } from '@signalbox/contracts';
import { whyNotBy, whyNotServed } from './node-listener.js';

/** Most nodes that a reason names. */
const NAMED_NODES = 3;

/** Which nodes shall serve a listener, by name; or why none does. */
export interface Placement {
  readonly nodes: readonly string[];
  readonly unplaced?: string;
}

/** Whether a node is for a listener: the listener is for the node's groups, and the node for the listener. */
export function isFor(node: NodeSettings, listener: Pick<ListenerModel, 'name' | 'nodeGroup'>): boolean {
  return isInGroup(node, listener) && (node.listeners?.has(listener.name) ?? true);
}

/** Which of the nodes, sorted by name, shall serve a listener. ADR 0023. */
export function placementOf(model: ListenerModel, nodes: readonly NodeSettings[]): Placement {
  const why = whyNotServed(model);
  if (why !== undefined) return { nodes: [], unplaced: why };
  const ofGroup = nodes.filter((node) => isInGroup(node, model));
  if (ofGroup.length === 0)
    return { nodes: [], unplaced: `no node serves it: no Node is in the group ${model.nodeGroup}` };
  const meant = ofGroup.filter((node) => isFor(node, model));
  if (meant.length === 0)
    return { nodes: [], unplaced: `no node serves it: ${theNodes(ofGroup)} other listeners` };
  const able = meant.filter((node) => whyNotBy(node, model) === undefined);
  if (able.length === 0) return { nodes: [], unplaced: whyNotBy(meant[0]!, model)! };
  return { nodes: able.map(({ name }) => name) };
}

function isInGroup(node: NodeSettings, { nodeGroup }: Pick<ListenerModel, 'nodeGroup'>): boolean {
  return isInGroups(node, nodeGroup === undefined ? undefined : [nodeGroup]);
}

function theNodes(nodes: readonly NodeSettings[]): string {
  const named = nodes.slice(0, NAMED_NODES).map(({ name }) => `Node/${name}`);
  const more = nodes.length - named.length;
  const all = more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
  return `${all} ${nodes.length === 1 ? 'names' : 'name'}`;
}
