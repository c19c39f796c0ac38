import { type EventGroupSpec, type EventPeerSpec, FEDERATION_API, type Resource } from '@signalbox/contracts';

/** A peer to push to, as its EventPeer and EventGroup declare it. */
export interface WantedPeer {
  readonly group: string;
  /** Name of the EventPeer: what people and records call it. */
  readonly name: string;
  readonly nodeName: string;
  readonly endpoint: string;
  /** Exact types, empty = all. */
  readonly types: readonly string[];
  /** Prefixes of the subject, empty = all. */
  readonly subjectPrefixes: readonly string[];
  /** The secret file of the group. */
  readonly secretFile?: string;
}

/**
 * The peers that the resources declare: EventPeers of a declared group, but never ourselves (reference 2.2).
 * In order of group and name.
 */
export function wantedPeers(resources: readonly Resource[]): WantedPeer[] {
  const ofKind = (kind: string): Resource[] =>
    resources.filter((resource) => resource.apiVersion === FEDERATION_API && resource.kind === kind);
  const groups = new Map(
    ofKind('EventGroup').map(({ metadata, spec }) => [metadata.name, spec as unknown as EventGroupSpec]),
  );
  return ofKind('EventPeer')
    .flatMap(({ metadata, spec }) => {
      const peer = spec as unknown as EventPeerSpec;
      const group = groups.get(peer.groupRef);
      if (!group || group.nodeName === peer.nodeName) return [];
      const secretFile = group.auth?.secretFile;
      return [
        {
          group: peer.groupRef,
          name: metadata.name,
          nodeName: peer.nodeName,
          endpoint: peer.endpoint,
          types: peer.types ?? [],
          subjectPrefixes: peer.subjectPrefixes ?? [],
          ...(secretFile !== undefined && { secretFile }),
        },
      ];
    })
    .sort((a, b) => compare(a.group, b.group) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
