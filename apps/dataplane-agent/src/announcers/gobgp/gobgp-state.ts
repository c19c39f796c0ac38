import { compareAddresses, type FamilyName } from '@signalbox/contracts';
import type { PeerSession, StandingVip } from '../announcer.js';
import type { BgpPeers } from '../bgp/bgp-peers.js';
import { ADMIN, SESSION, TABLE, UNICAST } from './gobgp-calls.js';
import type { GobgpClient } from './gobgp-client.js';
import { addressOf, type GobgpPath, type ListedPaths } from './gobgp-path.js';
import { type GobgpPeer, nameOf } from './gobgp-peer.js';
import type { OrderTime } from '../../order-time.js';

const FAMILY_NAMES: readonly FamilyName[] = ['IPv4', 'IPv6'];

/** What gobgpd knows of itself; asn 0: it was not started. */
export interface GobgpGlobal {
  readonly global?: { readonly asn: number; readonly routerId: string };
}

/** VIPs that this node announces, with their paths; whatever else there is has come from a peer. */
export async function standingPaths(client: GobgpClient, time: OrderTime): Promise<Map<string, GobgpPath>> {
  const found = new Map<string, GobgpPath>();
  for (const family of FAMILY_NAMES) {
    const request = { tableType: TABLE.global, family: UNICAST[family] };
    for (const listed of await client.list<ListedPaths>('ListPath', request, time)) {
      const address = addressOf(listed, family);
      const own = listed.destination?.paths.find(({ neighborIp = '' }) => !/^[0-9a-f.:]+$/.test(neighborIp));
      if (address !== undefined && own) found.set(address, own);
    }
  }
  return found;
}

/** Our peers; others belong to somebody else. */
export async function ourPeers(client: GobgpClient, time: OrderTime): Promise<GobgpPeer[]> {
  const listed = await client.list<{ readonly peer: GobgpPeer }>('ListPeer', {}, time);
  return listed.map(({ peer }) => peer).filter((peer) => nameOf(peer) !== undefined);
}

/** VIPs in the order of addresses, and which peers were told. */
export async function standingRoutes(client: GobgpClient, time: OrderTime): Promise<StandingVip[]> {
  const { global } = await client.call<GobgpGlobal>('GetBgp', {}, time);
  if (!global?.asn) return [];
  const told = new Map<string, string[]>();
  for (const address of (await standingPaths(client, time)).keys()) told.set(address, []);
  for (const peer of await ourPeers(client, time)) {
    if (peer.state?.sessionState !== SESSION.established) continue;
    for (const family of FAMILY_NAMES) {
      const request = {
        tableType: TABLE.adjOut,
        name: peer.conf?.neighborAddress,
        family: UNICAST[family],
      };
      for (const listed of await client.list<ListedPaths>('ListPath', request, time))
        told.get(addressOf(listed, family) ?? '')?.push(nameOf(peer) ?? '');
    }
  }
  return [...told]
    .map(([address, to]): StandingVip => ({ address, state: 'announced', to: to.sort() }))
    .sort((a, b) => compareAddresses(a.address, b.address));
}

const STATES = ['unknown', 'idle', 'connect', 'active', 'open sent', 'open confirmed', 'established'];

/** How the sessions with our peers are, and those that gobgpd could not be told of, sorted by name. */
export function gobgpSessions(peers: readonly GobgpPeer[], { lacks }: BgpPeers): PeerSession[] {
  const left = [...lacks].map(([name, why]): PeerSession => ({ name, state: 'down', why }));
  const sessions = peers.map((peer): PeerSession => {
    const name = nameOf(peer) ?? '';
    const { sessionState = 0, adminState = 0 } = peer.state ?? {};
    if (sessionState === SESSION.established) return { name, state: 'up' };
    if (adminState === ADMIN.down) return { name, state: 'down', why: 'disabled by hand' };
    return { name, state: 'starting', why: `the session is ${STATES[sessionState] ?? 'unknown'}` };
  });
  return [...sessions, ...left].sort((a, b) => (a.name < b.name ? -1 : 1));
}
