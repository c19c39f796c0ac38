import { compareAddresses } from '@signalbox/contracts';
import type { StandingVip } from '../announcer.js';
import { textsOf } from './bird-answers.js';
import type { Ask } from './bird-control.js';
import { FAMILIES, NAMES, OURS } from './bird-names.js';
import { type BirdProtocol, readHostRoutes, readProtocols } from './bird-protocols.js';

const CODE_VALUE = 23;

/** Digest of the text of ours that BIRD has read; undefined: it has read none. */
export async function loadedDigest(ask: Ask): Promise<string | undefined> {
  return textsOf(await ask(`eval ${NAMES.state}`), CODE_VALUE)[0]?.replaceAll('"', '');
}

/** Whether somebody else's configuration has a BFD protocol. */
export async function hasForeignBfd(ask: Ask): Promise<boolean> {
  const protocols = readProtocols(await ask('show protocols'));
  return protocols.some(({ type, name }) => type === 'BFD' && name !== NAMES.bfd);
}

/** Our protocols, with all that BIRD says of them. */
export async function ourProtocols(ask: Ask): Promise<readonly BirdProtocol[]> {
  return readProtocols(await ask(`show protocols all "${OURS}*"`));
}

/** Addresses of what lies in our tables, in their order; none when BIRD has read no text of ours. */
export async function standingAddresses(ask: Ask): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const { table } of FAMILIES) addresses.push(...readHostRoutes(await ask(`show route table ${table}`)));
  return addresses.sort(compareAddresses);
}

/** What lies in our tables, in the order of addresses, and which peers have it. */
export async function standingRoutes(ask: Ask): Promise<readonly StandingVip[]> {
  if ((await loadedDigest(ask)) === undefined) return [];
  const peers = (await ourProtocols(ask)).filter(({ type }) => type === 'BGP');
  const told = new Map<string, string[]>();
  for (const { channel, table } of FAMILIES) {
    for (const address of readHostRoutes(await ask(`show route table ${table}`))) told.set(address, []);
    for (const { name, description = name, channels } of peers) {
      if (!channels.includes(channel)) continue;
      const exported = await ask(`show route table ${table} exported ${name}`);
      for (const address of readHostRoutes(exported)) told.get(address)?.push(description);
    }
  }
  return [...told]
    .map(([address, to]): StandingVip => ({ address, state: 'announced', to: to.sort() }))
    .sort((a, b) => compareAddresses(a.address, b.address));
}
