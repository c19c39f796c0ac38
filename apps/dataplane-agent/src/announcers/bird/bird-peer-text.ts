import { createHash } from 'node:crypto';
import { addressFamily } from '@signalbox/contracts';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import { FAMILIES, type FamilyParts, NAMES, peerProtocol } from './bird-names.js';
import type { BirdWish } from './bird-text.js';

/** Before the first connect, and the least after an error. Seconds: BIRD waits 5 and 60 by itself. */
const SHORT_SECONDS = 1;

/** The number of a set of peers, in routes for them and in the filters of each of them: changing VIPs changes no filter. */
export function setNumber(peers: readonly string[]): number {
  return createHash('sha256').update(peers.join('\n')).digest().readUInt32BE(0);
}

/** What BIRD cannot be told of a peer; undefined: nothing. */
export function birdPeerLack({ name, bfd, multihop, localAddress }: BgpPeer): string | undefined {
  if (!/^[ !#-~]+$/.test(name)) return 'BIRD takes no such name';
  return bfd && multihop !== undefined && localAddress === undefined
    ? 'BFD over several hops needs a localAddress'
    : undefined;
}

/** The session with one peer: nothing comes in, and out goes what is for it. */
export function peerText(peer: BgpPeer, wish: BirdWish): string[] {
  const { name, address, port, asn, localAsn, localAddress, password, bfd, connectSeconds } = peer;
  const optional = [
    wish.routerId !== undefined && `router id ${wish.routerId};`,
    password !== undefined && `password "${password}";`,
    bfd &&
      `bfd { min rx interval ${bfd.receiveMs} ms; min tx interval ${bfd.transmitMs} ms; multiplier ${bfd.multiplier}; };`,
  ];
  return [
    `protocol bgp ${peerProtocol(name)} {`,
    ...[
      `description "${name}";`,
      'debug { states };',
      `local ${localAddress === undefined ? '' : `${localAddress} `}as ${localAsn};`,
      `neighbor ${address} port ${port} as ${asn};`,
      peer.multihop === undefined ? 'direct;' : `multihop ${peer.multihop};`,
      `hold time ${peer.holdSeconds};`,
      `keepalive time ${peer.keepaliveSeconds};`,
      `connect retry time ${connectSeconds};`,
      `connect delay time ${SHORT_SECONDS};`,
      `error wait time ${SHORT_SECONDS}, ${Math.max(SHORT_SECONDS, connectSeconds)};`,
      `graceful restart ${peer.gracefulRestart ? 'on' : 'off'};`,
      ...optional.filter((line) => typeof line === 'string'),
      ...FAMILIES.map((family) => channelText(family, name, wish)),
    ].map((line) => `  ${line}`),
    '}',
  ];
}

/** Both families have one in each session: to add one later would end it. */
function channelText({ channel, table, family, length }: FamilyParts, peer: string, wish: BirdWish): string {
  const inside = wish.prefixes
    .filter((prefix) => addressFamily(prefix) === family)
    .map((prefix) => `${prefix}{${length},${length}}`);
  const sets = new Set(
    wish.routes.filter(({ peers }) => peers.includes(peer)).map(({ peers }) => setNumber(peers)),
  );
  const numbers = [...sets].sort((a, b) => a - b);
  const filter =
    inside.length === 0 || numbers.length === 0
      ? 'export none'
      : `export filter { if net !~ [ ${inside.join(', ')} ] then reject; ` +
        `if !defined(${NAMES.to}) then reject; if ${NAMES.to} !~ [ ${numbers.join(', ')} ] then reject; ` +
        `if defined(${NAMES.med}) then bgp_med = ${NAMES.med}; ` +
        `if defined(${NAMES.localPref}) then bgp_local_pref = ${NAMES.localPref}; accept; }`;
  return `${channel} { table ${table}; import none; next hop self; ${filter}; };`;
}
