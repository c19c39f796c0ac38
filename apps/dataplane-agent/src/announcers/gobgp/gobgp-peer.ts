import { createHash } from 'node:crypto';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import { UNICAST } from './gobgp-calls.js';

/** How long a peer keeps routes of a gobgpd that is away, where that is asked for. Seconds: what BIRD tells by itself. */
const RESTART_SECONDS = 120;

/** After a session ended. Seconds: gobgpd waits 30 by itself. */
const IDLE_SECONDS = 1;

/** A peer of gobgpd, as far as it is looked at. */
export interface GobgpPeer {
  readonly conf?: { readonly neighborAddress: string; readonly description: string };
  readonly state?: { readonly sessionState: number; readonly adminState: number };
}

/** A peer as gobgpd is told of it. */
export interface PeerMessage {
  readonly conf: NonNullable<GobgpPeer['conf']>;
  readonly [field: string]: unknown;
}

/** What gobgpd cannot do of a peer; undefined: nothing. */
export function gobgpPeerLack({ bfd }: BgpPeer): string | undefined {
  return bfd && 'gobgpd knows no BFD: name no bfdProfile, or announce by bird';
}

/** What gobgpd is told of a peer. Its description holds the name, and a digest by which another wish is known. */
export function peerMessage(peer: BgpPeer): PeerMessage {
  const { address, asn, localAsn, password, multihop, localAddress, port } = peer;
  const hasRestart = peer.gracefulRestart === true;
  return {
    conf: {
      ...{ neighborAddress: address, peerAsn: asn, localAsn, description: descriptionOf(peer) },
      ...(password !== undefined && { authPassword: password }),
    },
    ...(multihop !== undefined && { ebgpMultihop: { enabled: true, multihopTtl: multihop } }),
    timers: {
      config: {
        ...{ connectRetry: peer.connectSeconds, holdTime: peer.holdSeconds },
        ...{ keepaliveInterval: peer.keepaliveSeconds, idleHoldTimeAfterReset: IDLE_SECONDS },
      },
    },
    transport: { remotePort: port, ...(localAddress !== undefined && { localAddress }) },
    ...(hasRestart && { gracefulRestart: { enabled: true, restartTime: RESTART_SECONDS } }),
    afiSafis: Object.values(UNICAST).map((family) => ({
      config: { family, enabled: true },
      ...(hasRestart && { mpGracefulRestart: { config: { enabled: true } } }),
    })),
  };
}

/** Name of a peer of ours; undefined: it is somebody else's. */
export function nameOf({ conf }: GobgpPeer): string | undefined {
  return OURS.exec(conf?.description ?? '')?.[1];
}

const OURS = /^(.+) \[signalbox [0-9a-f]{12}\]$/;

function descriptionOf(peer: BgpPeer): string {
  const digest = createHash('sha256').update(JSON.stringify(peer)).digest('hex').slice(0, 12);
  return `${peer.name} [signalbox ${digest}]`;
}
