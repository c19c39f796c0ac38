import { createHash } from 'node:crypto';
import { addressFamily, compareAddresses, type FamilyName } from '@signalbox/contracts';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import type { BgpRoute } from '../bgp/bgp-routes.js';
import { ACTION, MATCH, ROUTE_LOCAL, SET, UNICAST } from './gobgp-calls.js';

/** Names of our policies. */
export const POLICIES = { in: 'sb-in', out: 'sb-out' } as const;

/** Before the digest, in the name of the one statement of what comes in. */
export const OWN = 'sb-own-';

const FAMILY_NAMES: readonly FamilyName[] = ['IPv4', 'IPv6'];
const LENGTHS = { IPv4: 32, IPv6: 128 } as const;

/** What decides which routes come in and go out. */
export interface GobgpWish {
  readonly prefixes: readonly string[];
  readonly peers: readonly BgpPeer[];
  readonly routes: readonly BgpRoute[];
  /** Own address of the other family at the link of a peer, by its name: the next hop of VIPs of that family. */
  readonly otherHops: ReadonlyMap<string, string>;
}

export interface DefinedSet {
  readonly definedType: number;
  readonly name: string;
  readonly list: readonly string[];
  readonly prefixes: readonly {
    readonly ipPrefix: string;
    readonly maskLengthMin: number;
    readonly maskLengthMax: number;
  }[];
}

/** Sets and policies, as gobgpd is told of them. */
export interface GobgpPolicies {
  /** Of all of them; gobgpd tells it as the name of a statement. */
  readonly digest: string;
  readonly definedSets: readonly DefinedSet[];
  readonly policies: readonly { readonly name: string; readonly statements: readonly object[] }[];
}

/**
 * Nothing comes in but what this node announces itself, and that goes out only inside of the pools, as one host, and to its peers. The last
 * word of both policies is no.
 */
export function policiesOf(wish: GobgpWish): GobgpPolicies {
  const out = FAMILY_NAMES.flatMap((family) => [
    ...outside(family, wish),
    ...wish.peers.flatMap((peer) => toPeer(family, peer, wish)),
  ]);
  const definedSets = [
    ...FAMILY_NAMES.flatMap((family) => poolSets(family, wish)),
    ...wish.peers.map((peer) => set(SET.neighbor, `sb-peer-${peer.name}`, [hostOf(peer.address)])),
    ...FAMILY_NAMES.flatMap((family) => wish.peers.flatMap((peer) => vipSets(family, peer, wish))),
  ];
  const digest = createHash('sha256')
    .update(JSON.stringify([definedSets, out]))
    .digest('hex')
    .slice(0, 16);
  return {
    digest,
    definedSets,
    policies: [
      {
        name: POLICIES.in,
        statements: [
          {
            name: `${OWN}${digest}`,
            conditions: { routeType: ROUTE_LOCAL },
            actions: { routeAction: ACTION.accept },
          },
        ],
      },
      { name: POLICIES.out, statements: out },
    ],
  };
}

/** Hosts inside of the pools; none without a pool, for gobgpd takes no set with nothing in it. */
function poolSets(family: FamilyName, { prefixes }: GobgpWish): DefinedSet[] {
  const inside = prefixes.filter((prefix) => addressFamily(prefix) === family);
  const length = LENGTHS[family];
  if (inside.length === 0) return [];
  const rows = inside.map((ipPrefix) => ({ ipPrefix, maskLengthMin: length, maskLengthMax: length }));
  return [{ ...set(SET.prefix, poolSet(family), []), prefixes: rows }];
}

function vipSets(family: FamilyName, peer: BgpPeer, wish: GobgpWish): DefinedSet[] {
  const vips = vipsFor(family, peer, wish);
  const length = LENGTHS[family];
  if (vips.length === 0) return [];
  const rows = vips.map((address) => ({
    ipPrefix: `${address}/${length}`,
    maskLengthMin: length,
    maskLengthMax: length,
  }));
  return [{ ...set(SET.prefix, vipSet(family, peer), []), prefixes: rows }];
}

/** What is in no pool stays here, whatever the rest says. */
function outside(family: FamilyName, wish: GobgpWish): object[] {
  const hasPool = poolSets(family, wish).length > 0;
  return [
    {
      name: `sb-outside-${family}`,
      conditions: {
        afiSafiIn: [UNICAST[family]],
        ...(hasPool && { prefixSet: { type: MATCH.invert, name: poolSet(family) } }),
      },
      actions: { routeAction: ACTION.reject },
    },
  ];
}

function toPeer(family: FamilyName, peer: BgpPeer, wish: GobgpWish): object[] {
  if (vipsFor(family, peer, wish).length === 0) return [];
  const hop = addressFamily(peer.address) === family ? undefined : wish.otherHops.get(peer.name);
  return [
    {
      name: `sb-to-${peer.name}-${family}`,
      conditions: {
        prefixSet: { type: MATCH.any, name: vipSet(family, peer) },
        neighborSet: { type: MATCH.any, name: `sb-peer-${peer.name}` },
        routeType: ROUTE_LOCAL,
        afiSafiIn: [UNICAST[family]],
      },
      actions: { routeAction: ACTION.accept, ...(hop !== undefined && { nexthop: { address: hop } }) },
    },
  ];
}

/** Without a next hop of the family a peer is told of none. */
function vipsFor(family: FamilyName, { name, address }: BgpPeer, { routes, otherHops }: GobgpWish): string[] {
  if (addressFamily(address) !== family && !otherHops.has(name)) return [];
  return routes
    .filter((route) => addressFamily(route.address) === family && route.peers.includes(name))
    .map((route) => route.address)
    .sort(compareAddresses);
}

function set(definedType: number, name: string, list: readonly string[]): DefinedSet {
  return { definedType, name, list, prefixes: [] };
}

function poolSet(family: FamilyName): string {
  return `sb-pools-${family}`;
}

function vipSet(family: FamilyName, { name }: BgpPeer): string {
  return `sb-vips-${family}-${name}`;
}

function hostOf(address: string): string {
  return `${address}/${LENGTHS[addressFamily(address)]}`;
}
