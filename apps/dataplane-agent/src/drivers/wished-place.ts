import type { NodeListener } from '@signalbox/contracts';
import { findFreePort, tryToListen } from './listen-trial.js';
import { type Place, placeKey, transportOf } from './place.js';
import type { PortMemory } from './port-memory.js';

/** Free ports that are tried for one listener; the system gives another one each time. */
const MOST_PORTS_TRIED = 20;

/** Places that stand or are wished already, by `placeKey`: a listener that may have any port takes none of them. */
export type TakenPlaces = ReadonlySet<string>;

/**
 * Where a listener is to listen. One that names no port stays where it stands, or gets the port that it had, or a free one, which
 * is remembered; a remembered port that somebody else has by now is given up.
 */
export async function wishedPlace(
  listener: NodeListener,
  standing: Place | undefined,
  taken: TakenPlaces,
  ports: PortMemory,
): Promise<Place> {
  const { address, port } = listener.listenAt ?? { address: listener.address, port: listener.port };
  if (port !== undefined) return { address, port };
  const transport = transportOf(listener);
  if (standing?.address === address) {
    remember(listener.name, standing.port, ports);
    return standing;
  }
  const remembered = ports.get(listener.name);
  if (remembered !== undefined) {
    const place = { address, port: remembered };
    if (!taken.has(placeKey(transport, place)) && (await tryToListen(place, transport)).isFree) return place;
  }
  for (let tried = 0; tried < MOST_PORTS_TRIED; tried += 1) {
    const free = await findFreePort(address, transport);
    if (free === undefined) break;
    const place = { address, port: free };
    if (taken.has(placeKey(transport, place))) continue;
    remember(listener.name, free, ports);
    return place;
  }
  // an address that is not to be had: the trial of the place tells why
  return { address, port: remembered ?? listener.port };
}

function remember(listener: string, port: number, ports: PortMemory): void {
  if (ports.get(listener) !== port) ports.set(listener, port);
}
