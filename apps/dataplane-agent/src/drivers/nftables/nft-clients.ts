import type { Place } from '../place.js';
import { kernelAddress, type NftListener } from './nft-listener.js';
import { clientMap, listenerId } from './nft-names.js';
import { placeData } from './nft-place.js';
import type { NftTable } from './nft-table.js';
import { unavailable } from './nft-time.js';
import type { NftTime } from './nft-time.js';

/** Attempts to forget clients: one that is used meanwhile, or is forgotten by itself, is looked at again. */
const MOST_ATTEMPTS = 5;

/** Makes the kernel forget which clients belong to these targets of a listener. */
export async function forgetClients(
  table: NftTable,
  listener: NftListener,
  targets: readonly Place[],
  time: NftTime,
): Promise<void> {
  if (listener.affinityMs === undefined || targets.length === 0) return;
  const map = clientMap(listenerId(listener));
  const unwanted = new Set(targets.map(placeData));
  let failure: unknown;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const listing = (await table.ask(['list', 'map', 'inet', table.name, map], time)) ?? '';
    const clients = belongings(listing).filter(({ target }) => unwanted.has(target));
    if (clients.length === 0) return;
    const elements = clients.map(({ client, target }) => `${client} : ${target}`).join(', ');
    const keys = clients.map(({ client }) => client).join(', ');
    const where = `inet ${table.name} ${map}`;
    try {
      // one that is gone by now is put back first: to take out what is not there is an error
      await table.change(`add element ${where} { ${elements} }\ndelete element ${where} { ${keys} }`, time);
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw unavailable(`clients of listener ${listener.name} could not be forgotten`, failure);
}

/** Clients and their targets, as `nft list map` tells them. */
export function belongings(listing: string): { readonly client: string; readonly target: string }[] {
  return Array.from(
    listing.matchAll(/([0-9a-f.:]+)(?: timeout \S+)?(?: expires \S+)? : ([0-9a-f.:]+ \. \d+)/g),
    ([, client = '', target = '']) => ({ client: kernelAddress(client), target }),
  );
}
