import type { ErrorBody, NodeListener } from '@signalbox/contracts';
import { tryToListen } from '../listen-trial.js';
import { listenFailed, placeKey, placeTaken } from '../place.js';
import { grantedWishes } from '../place-wishes.js';
import type { PortMemory } from '../port-memory.js';
import { wishedPlace } from '../wished-place.js';
import { haproxyLack } from './haproxy-lack.js';
import { type Place, type PlacedListener, placeListener } from './placed-listener.js';

/** What HAProxy serves now, as far as it is known. */
export interface Standing {
  readonly listeners: readonly PlacedListener[];
  /** False: HAProxy runs something that we do not know, so a busy port may be its own. */
  readonly isKnown: boolean;
  /** HAProxy may listen where this process may not: it was started by somebody else. */
  readonly hasOtherRights: boolean;
}

/** What is to be served. */
export interface Placement {
  /** Sorted by name: the desired listeners, and in the place of each refused one what stands under its name. */
  readonly listeners: readonly PlacedListener[];
  readonly refused: ReadonlyMap<string, ErrorBody>;
  /** Names of listeners whose places could not be tried: whether HAProxy gets them, its reload tells. */
  readonly untried: ReadonlySet<string>;
}

/**
 * Decides where each desired listener listens, and refuses those that cannot: HAProxy does not start, all of it, for one
 * port that it does not get, and what serves pauses while it tries. `barred` are listeners that a reload did not take,
 * `unusable` those that lack something else than a place.
 */
export async function placeListeners(
  desired: readonly NodeListener[],
  standing: Standing,
  ports: PortMemory,
  barred: ReadonlySet<string>,
  unusable: ReadonlyMap<string, ErrorBody> = new Map(),
): Promise<Placement> {
  const byName = new Map(standing.listeners.map((listener) => [listener.name, listener]));
  const held = new Set(standing.listeners.map(({ listensAt }) => keyOf(listensAt)));
  const taken = new Set(held);
  const refused = new Map<string, ErrorBody>();
  const untried = new Set<string>();
  const wishes = new Map<string, PlacedListener>();
  for (const listener of desired) {
    const lack = haproxyLack(listener) ?? unusable.get(listener.name);
    if (lack) {
      refused.set(listener.name, lack);
      continue;
    }
    const place = await wishedPlace(listener, byName.get(listener.name)?.listensAt, taken, ports);
    const key = keyOf(place);
    if (barred.has(listener.name)) {
      refused.set(listener.name, listenFailed(listener.name, place, 'HAProxy did not get it'));
      continue;
    }
    if (!held.has(key)) {
      const trial = await tryToListen(place);
      if (!trial.isFree && mayBeOurs(trial.code, place, standing)) untried.add(listener.name);
      else if (!trial.isFree) {
        refused.set(listener.name, listenFailed(listener.name, place, trial.code));
        continue;
      }
    }
    taken.add(key);
    wishes.set(listener.name, placeListener(listener, place));
  }
  refuseDoubles(desired, byName, wishes, refused);
  const listeners = desired.flatMap(({ name }) => wishes.get(name) ?? byName.get(name) ?? []);
  return { listeners, refused, untried };
}

/** Two listeners at one place would each get a part of the connections: HAProxy lets its own sockets share a port. */
function refuseDoubles(
  desired: readonly NodeListener[],
  standing: ReadonlyMap<string, PlacedListener>,
  wishes: Map<string, PlacedListener>,
  refused: Map<string, ErrorBody>,
): void {
  const places = desired.flatMap(({ name }) => {
    const has = standing.get(name)?.listensAt;
    const wants = wishes.get(name)?.listensAt ?? has;
    if (!wants) return [];
    return { name, wants: keyOf(wants), ...(has && { has: keyOf(has) }) };
  });
  const granted = grantedWishes(places);
  for (const [name, { listensAt }] of wishes) {
    if (granted.has(name)) continue;
    wishes.delete(name);
    refused.set(name, placeTaken(name, listensAt));
  }
}

/** Whether HAProxy may get a place that this process does not. */
function mayBeOurs(code: string, { address, port }: Place, standing: Standing): boolean {
  if (code === 'EACCES') return standing.hasOtherRights;
  if (code !== 'EADDRINUSE') return false;
  // a listener of ours at all addresses, or at one of them, makes the other look busy
  return (
    !standing.isKnown ||
    standing.listeners.some(
      ({ listensAt }) => listensAt.port === port && (isAny(listensAt.address) || isAny(address)),
    )
  );
}

/** HAProxy carries TCP alone. */
function keyOf(place: Place): string {
  return placeKey('tcp', place);
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
