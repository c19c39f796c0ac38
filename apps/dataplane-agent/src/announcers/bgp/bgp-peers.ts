import { readFile } from 'node:fs/promises';
import type { NodeBgpPeer } from '@signalbox/contracts';

/** Longest password of TCP MD5 that Linux takes. Bytes. */
const MOST_PASSWORD_BYTES = 80;

/** A peer with all that a daemon is told of it. */
export interface BgpPeer extends NodeBgpPeer {
  readonly password?: string;
}

/** Peers that a daemon can be told of, and why not of the others, by name. */
export interface BgpPeers {
  readonly usable: readonly BgpPeer[];
  readonly lacks: ReadonlyMap<string, string>;
}

/**
 * Reads the passwords of peers. A peer that cannot be spoken to is left out, so that all others are. `daemonLack`: what the daemon cannot
 * do of a peer; undefined: all.
 */
export async function readPeers(
  peers: readonly NodeBgpPeer[],
  daemonLack: (peer: BgpPeer) => string | undefined,
): Promise<BgpPeers> {
  const usable: BgpPeer[] = [];
  const lacks = new Map<string, string>();
  for (const peer of peers) {
    const read = await withPassword(peer);
    const lack = typeof read === 'string' ? read : daemonLack(read);
    if (typeof read === 'string' || lack !== undefined) lacks.set(peer.name, lack ?? String(read));
    else usable.push(read);
  }
  return { usable, lacks };
}

/** Text: why there is no password. */
async function withPassword(peer: NodeBgpPeer): Promise<BgpPeer | string> {
  const { passwordFile } = peer;
  if (passwordFile === undefined) return peer;
  try {
    const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
    // of what else a file may have no daemon could be told in one line
    if (!/^[ !#-~]+$/.test(password))
      return `its password file ${passwordFile} must hold one line of printable ASCII without quotation marks`;
    if (password.length > MOST_PASSWORD_BYTES)
      return `the password in ${passwordFile} is longer than ${MOST_PASSWORD_BYTES} characters`;
    return { ...peer, password };
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    return `its password file ${passwordFile} cannot be read: ${String(code)}`;
  }
}
