import type { EventGroupSpec, EventPeerSpec } from '@signalbox/contracts';

/** A declared peer. */
export interface NamedPeer {
  readonly name: string;
  readonly spec: EventPeerSpec;
}

/** A group that names its members counts its peers as members too (spec/federation "Also checked"). */
export function withMembers(
  name: string,
  group: EventGroupSpec,
  peers: readonly NamedPeer[],
): EventGroupSpec {
  if (!group.members || group.members.length === 0) return group;
  const nodes = peers.filter(({ spec }) => spec.groupRef === name).map(({ spec }) => spec.nodeName);
  return { ...group, members: [...new Set([...group.members, ...nodes])] };
}
