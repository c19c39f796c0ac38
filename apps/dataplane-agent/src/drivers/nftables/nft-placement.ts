import type { ErrorBody, NodeListener } from '@signalbox/contracts';
import { tryToListen } from '../listen-trial.js';
import { listenFailed, type Place, placeKey, placeTaken, transportOf } from '../place.js';
import { grantedWishes } from '../place-wishes.js';
import type { PortMemory } from '../port-memory.js';
import { wishedPlace } from '../wished-place.js';
import { type NftListener, nftListener } from './nft-listener.js';
import { nftablesLack } from './nftables-lack.js';

/** What is to be served. */
export interface NftPlacement {
  /** In the order that was desired; in the place of each refused one what stands under its name. */
  readonly listeners: readonly NftListener[];
  readonly refused: ReadonlyMap<string, ErrorBody>;
}

/**
 * Decides where each desired listener listens, and refuses those that cannot. The address need not be one of this machine,
 * and no socket is bound; but a port on which somebody listens here is theirs: rules would take its connections away.
 */
export async function placeNftListeners(
  desired: readonly NodeListener[],
  standing: readonly NftListener[],
  ports: PortMemory,
): Promise<NftPlacement> {
  const byName = new Map(standing.map((listener) => [listener.name, listener]));
  const held = new Set(standing.map(keyOf));
  const taken = new Set(held);
  const refused = new Map<string, ErrorBody>();
  const wishes = new Map<string, NftListener>();
  for (const listener of desired) {
    const lack = nftablesLack(listener);
    if (lack) {
      refused.set(listener.name, lack);
      continue;
    }
    const before = byName.get(listener.name);
    const isSame = before?.protocol === transportOf(listener);
    const place = await wishedPlace(listener, isSame ? before.listensAt : undefined, taken, ports);
    const wish = nftListener(listener, place);
    const key = keyOf(wish);
    const busy = held.has(key) ? undefined : await busyCode(wish.protocol, place);
    if (busy !== undefined) {
      refused.set(listener.name, listenFailed(listener.name, place, busy));
      continue;
    }
    taken.add(key);
    wishes.set(listener.name, wish);
  }
  refuseDoubles(desired, byName, wishes, refused);
  const listeners = desired.flatMap(({ name }) => wishes.get(name) ?? byName.get(name) ?? []);
  return { listeners, refused };
}

/**
 * The same without listeners whose targets answer clients themselves: they are refused, and what stands under their names goes on.
 * `why`: what kept them from being made, which nothing else shall suffer from.
 */
export function withoutDsr(
  { listeners, refused }: NftPlacement,
  standing: readonly NftListener[],
  { code, message }: ErrorBody,
): NftPlacement {
  const byName = new Map(standing.map((listener) => [listener.name, listener]));
  const lost = listeners.filter(({ name, forwarding }) => forwarding === 'dsr' && !refused.has(name));
  const errors = lost.map(({ name }): [string, ErrorBody] => [
    name,
    { code, message: `no direct server return for listener ${name}: ${message}` },
  ]);
  const names = new Set(lost.map(({ name }) => name));
  return {
    listeners: listeners.flatMap((one) => (names.has(one.name) ? (byName.get(one.name) ?? []) : one)),
    refused: new Map([...refused, ...errors]),
  };
}

/** Undefined: nobody listens there, or nobody of this machine can. */
async function busyCode(protocol: NftListener['protocol'], place: Place): Promise<string | undefined> {
  const trial = await tryToListen(place, protocol);
  return !trial.isFree && trial.code === 'EADDRINUSE' ? trial.code : undefined;
}

function refuseDoubles(
  desired: readonly NodeListener[],
  standing: ReadonlyMap<string, NftListener>,
  wishes: Map<string, NftListener>,
  refused: Map<string, ErrorBody>,
): void {
  const places = desired.flatMap(({ name }) => {
    const before = standing.get(name);
    const wants = wishes.get(name) ?? before;
    return wants ? [{ name, wants: keyOf(wants), ...(before && { has: keyOf(before) }) }] : [];
  });
  const granted = grantedWishes(places);
  for (const [name, { listensAt }] of wishes) {
    if (granted.has(name)) continue;
    wishes.delete(name);
    refused.set(name, placeTaken(name, listensAt));
  }
}

function keyOf({ protocol, listensAt }: NftListener): string {
  return placeKey(protocol, listensAt);
}
