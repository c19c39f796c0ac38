import type { PeerSession } from '../announcer.js';
import type { BgpPeers } from '../bgp/bgp-peers.js';
import type { Ask } from './bird-control.js';
import { type BirdProtocol, readBfd } from './bird-protocols.js';
import { ourProtocols } from './bird-state.js';

/** How the sessions with our peers are, and those that BIRD could not be told of, sorted by name. */
export async function birdSessions(ask: Ask, { usable, lacks }: BgpPeers): Promise<PeerSession[]> {
  const protocols = (await ourProtocols(ask)).filter(({ type }) => type === 'BGP');
  const bfd = readBfd(await ask('show bfd sessions'));
  const withBfd = new Set(usable.filter((peer) => peer.bfd).map(({ name }) => name));
  const left = [...lacks].map(([name, why]): PeerSession => ({ name, state: 'down', why }));
  const sessions = protocols.map((one) => {
    const isUp = bfd.get(one.neighbor?.split('%')[0] ?? '');
    const session = sessionOf(one);
    return isUp === undefined && !withBfd.has(session.name)
      ? session
      : { ...session, bfd: isUp ? ('up' as const) : ('down' as const) };
  });
  return [...sessions, ...left].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sessionOf({ name, description = name, state, info, lastError }: BirdProtocol): PeerSession {
  if (info.startsWith('Established')) return { name: description, state: 'up' };
  const why = lastError ?? (state === 'down' ? 'disabled by hand' : info);
  return {
    name: description,
    state: state === 'down' ? 'down' : 'starting',
    ...(why !== '' && { why }),
  };
}
