import { createHash } from 'node:crypto';

/** Longest symbol of BIRD 2.0 is 64; what is longer is told apart by a digest. Characters. */
const MOST_NAME_CHARACTERS = 40;

/** What begins the name of everything that is ours in BIRD. */
export const OURS = 'sb_';

export const NAMES = {
  /** Constant with the digest of what BIRD has read. */
  state: 'sb_state',
  bfd: 'sb_bfd',
  /** Attributes of our routes alone, which do not leave BIRD: whom a route is for, and its metrics. */
  to: 'sb_to',
  med: 'sb_med',
  localPref: 'sb_pref',
} as const;

/** Table and protocol of the VIPs of a family. */
export const FAMILIES = [
  { family: 'IPv4', channel: 'ipv4', table: 'sb_vips4', protocol: 'sb_vip4', length: 32 },
  { family: 'IPv6', channel: 'ipv6', table: 'sb_vips6', protocol: 'sb_vip6', length: 128 },
] as const;

export type FamilyParts = (typeof FAMILIES)[number];

/**
 * The protocol of a peer: always the same for one name, never the same for two, and only of characters that BIRD takes. Names of
 * resources, words with hyphens between, are read in it; two underscores come before the digest that tells others apart.
 */
export function peerProtocol(peer: string): string {
  const safe = peer.replaceAll(/[^A-Za-z0-9]/g, '_');
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(peer) && peer.length <= MOST_NAME_CHARACTERS)
    return `${OURS}bgp_${safe}`;
  const digest = createHash('sha256').update(peer).digest('hex').slice(0, 8);
  return `${OURS}bgp_${safe.slice(0, MOST_NAME_CHARACTERS).replaceAll(/_+/g, '_')}__${digest}`;
}
