import { createHash } from 'node:crypto';
import { addressFamily, compareAddresses } from '@signalbox/contracts';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import type { BgpRoute } from '../bgp/bgp-routes.js';
import { peerText, setNumber } from './bird-peer-text.js';
import { FAMILIES, type FamilyParts, NAMES } from './bird-names.js';

const HEAD = '# Written by Signalbox: all that this node announces by BGP. What is edited here is lost.\n';

/** All that BIRD shall do for us. */
export interface BirdWish {
  /** Absent: that of the daemon. */
  readonly routerId?: string;
  /** Of the VipPools. */
  readonly prefixes: readonly string[];
  readonly peers: readonly BgpPeer[];
  readonly routes: readonly BgpRoute[];
  /** The file has the BFD protocol; false: that of the operator is there, and two of them take each other's packets. */
  readonly bringsBfd: boolean;
}

/** A file, and the digest that BIRD tells when it has read it. */
export interface BirdText {
  readonly text: string;
  readonly digest: string;
  /** Of its routes, in their order. */
  readonly addresses: readonly string[];
}

/**
 * The file that the configuration of BIRD includes: always whole and all that is wanted. VIPs are static routes in tables of their own, so
 * that none comes to the kernel, and nothing of the operator's routes comes to our peers; each session has a filter of its own.
 */
export function birdText(wish: BirdWish): BirdText {
  const parts = [
    ...FAMILIES.map(({ channel, table }) => `${channel} table ${table};`),
    ...[NAMES.to, NAMES.med, NAMES.localPref].map((name) => `attribute int ${name};`),
    '',
    ...(wish.bringsBfd ? [`protocol bfd ${NAMES.bfd} {`, '  debug { states, events };', '}', ''] : []),
    ...FAMILIES.flatMap((family) => [...vipsText(family, wish.routes), '']),
    ...wish.peers.flatMap((peer) => [...peerText(peer, wish), '']),
  ];
  const body = parts.join('\n');
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const addresses = wish.routes.map(({ address }) => address).sort(compareAddresses);
  return { text: `${HEAD}define ${NAMES.state} = "${digest}";\n${body}`, digest, addresses };
}

/** Whether a file is one of ours, or nobody's. */
export function isOurs(text: string): boolean {
  return text.trim() === '' || text.startsWith(HEAD);
}

function vipsText({ family, channel, table, protocol, length }: FamilyParts, routes: readonly BgpRoute[]) {
  return [
    `protocol static ${protocol} {`,
    '  debug { states };',
    `  ${channel} { table ${table}; import all; export none; };`,
    ...routes
      .filter(({ address }) => addressFamily(address) === family)
      .map((route) => `  route ${route.address}/${length} blackhole { ${attributesText(route)} };`),
    '}',
  ];
}

function attributesText({ peers, communities, med, localPref }: BgpRoute): string {
  const attributes = [
    `${NAMES.to} = ${setNumber(peers)};`,
    ...(med === undefined ? [] : [`${NAMES.med} = ${med};`]),
    ...(localPref === undefined ? [] : [`${NAMES.localPref} = ${localPref};`]),
    ...communities.map((one) => `bgp${one.length === 3 ? '_large' : ''}_community.add((${one.join(', ')}));`),
  ];
  return attributes.join(' ');
}
