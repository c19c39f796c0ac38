import {
  BFD_PROFILE_DEFAULTS,
  type BfdProfileSpec,
  BGP_PEER_DEFAULTS,
  type BgpPeerSpec,
  canonicalAddress,
  type NodeBfd,
  type NodeBgpPeer,
  parseDuration,
  type Resource,
  specOf,
} from '@signalbox/contracts';

/** A BgpPeer with its defaults filled in. */
export interface PeerModel {
  /** As nodes are told of it. */
  readonly peer: NodeBgpPeer;
  /** Absent: all nodes. */
  readonly nodeGroups?: readonly string[];
}

/** A keepalive is sent three times within the hold time. RFC 4271 section 10. */
const KEEPALIVES = 3;

/** What a valid BgpPeer comes down to. `bfdProfile` finds the BfdProfile of a name. */
export function peerModel(bgpPeer: Resource, bfdProfile: (name: string) => Resource | undefined): PeerModel {
  const spec = { ...BGP_PEER_DEFAULTS, ...specOf<BgpPeerSpec>(bgpPeer) };
  const { port, asn, localAsn, localAddress, nodeGroups, keepaliveTime, passwordFile, multihop } = spec;
  const holdSeconds = seconds(spec.holdTime);
  const profile = spec.bfdProfile === undefined ? undefined : bfdProfile(spec.bfdProfile);
  const peer: NodeBgpPeer = {
    name: bgpPeer.metadata.name,
    address: canonicalAddress(spec.address),
    port,
    asn,
    localAsn,
    ...(localAddress !== undefined && { localAddress: canonicalAddress(localAddress) }),
    holdSeconds,
    keepaliveSeconds:
      keepaliveTime === undefined
        ? Math.max(1, Math.floor(holdSeconds / KEEPALIVES))
        : seconds(keepaliveTime),
    connectSeconds: seconds(spec.connectTime),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(multihop !== undefined && { multihop }),
    ...(profile && { bfd: bfdOf(specOf<BfdProfileSpec>(profile)) }),
    ...(spec.gracefulRestart && { gracefulRestart: true }),
  };
  return { peer, ...(nodeGroups && { nodeGroups }) };
}

function bfdOf(spec: BfdProfileSpec): NodeBfd {
  const { receiveInterval, transmitInterval, detectMultiplier } = { ...BFD_PROFILE_DEFAULTS, ...spec };
  return {
    receiveMs: Math.round(parseDuration(receiveInterval)),
    transmitMs: Math.round(parseDuration(transmitInterval)),
    multiplier: detectMultiplier,
  };
}

function seconds(duration: string): number {
  return Math.round(parseDuration(duration) / 1000);
}
