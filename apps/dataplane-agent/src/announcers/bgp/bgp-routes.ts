import { communityNumbers, type ErrorBody, type NodeVip } from '@signalbox/contracts';
import type { StandingVip, WantedAnnouncements } from '../announcer.js';
import type { BgpPeers } from './bgp-peers.js';
import { PoolPrefixes } from '../pool-prefixes.js';

/** A VIP as a route of one host: /32 or /128. */
export interface BgpRoute {
  readonly address: string;
  /** Names of those peers that can be told, sorted; at least one. */
  readonly peers: readonly string[];
  /** Two numbers each (RFC 1997), or three of a large one (RFC 8092). */
  readonly communities: readonly (readonly number[])[];
  readonly localPref?: number;
  readonly med?: number;
}

/** What a daemon shall be told, and which VIPs it cannot be told, by address. */
export interface BgpRoutes {
  readonly routes: readonly BgpRoute[];
  readonly refused: ReadonlyMap<string, ErrorBody>;
}

/** Reads VIPs as routes; each that cannot be one is refused on its own. */
export function readRoutes({ vips, prefixes }: WantedAnnouncements, peers: BgpPeers): BgpRoutes {
  const pools = new PoolPrefixes(prefixes);
  const routes: BgpRoute[] = [];
  const refused = new Map<string, ErrorBody>();
  for (const vip of vips) {
    const route = readRoute(vip, pools, peers);
    if (typeof route === 'string')
      refused.set(vip.address, {
        code: 'announce-refused',
        message: `${vip.address} is not announced: ${route}`,
      });
    else routes.push(route);
  }
  return { routes, refused };
}

/** How wanted VIPs stand, in their order. `standing`: as the daemon tells. */
export function standingVips(
  vips: readonly NodeVip[],
  refused: ReadonlyMap<string, ErrorBody>,
  standing: readonly StandingVip[],
): StandingVip[] {
  const told = new Map(standing.map((vip) => [vip.address, vip]));
  return vips.map(({ address }) => {
    const error = refused.get(address);
    if (error) return { address, state: 'refused', error };
    return told.get(address) ?? { address, state: 'announced', to: [] };
  });
}

/** Text: why it cannot be one. */
function readRoute(
  { address, route }: NodeVip,
  pools: PoolPrefixes,
  { usable, lacks }: BgpPeers,
): BgpRoute | string {
  if (!pools.holds(address)) return 'no VipPool holds it';
  if (!route) return 'no route is known for it';
  const { peers, communities = [], ...metrics } = route;
  const read = communities.map(communityNumbers);
  const bad = read.indexOf(undefined);
  if (bad >= 0) return `${communities[bad]} is no community`;
  const known = usable.map(({ name }) => name).filter((name) => peers.includes(name));
  if (known.length === 0) return noPeer(peers, lacks);
  return { address, peers: known.sort(), communities: read.filter((one) => one !== undefined), ...metrics };
}

function noPeer(peers: readonly string[], lacks: BgpPeers['lacks']): string {
  const why = peers.map((name) => `${name}: ${lacks.get(name) ?? 'the node does not speak to it'}`);
  return `none of its peers can be told (${why.join('; ')})`;
}
