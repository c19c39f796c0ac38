/** Something that is to have one place, and the places that it can have. */
export interface SpreadItem {
  readonly name: string;
  readonly places: readonly string[];
}

/** Those that one item shall be apart from have a place in common with it, or only what fails together with that. */
interface Closeness {
  readonly samePlace: number;
  readonly sameZone: number;
}

/** Offset basis and prime of FNV-1a, and the multipliers of the finaliser of MurmurHash3, all of 32 bits. */
const FNV = { basis: 0x811c9dc5, prime: 0x01000193 } as const;
const MIX = [0x85ebca6b, 0xc2b2ae35] as const;

/**
 * Gives each item one of its places: as many to each place as can be, none of those of one `apart` set in one place or zone if that can
 * be, which counts more. Which it is follows from the names alone, whatever order they come in. An item likes each place in an order
 * of its own (rendezvous hashing), so that most keep theirs when an item or a place comes or goes. Items without a place get none.
 * `zoneOf`: what fails together with a place.
 */
export function spread(
  items: readonly SpreadItem[],
  apart: readonly (readonly string[])[] = [],
  zoneOf: (place: string) => string = (place) => place,
): ReadonlyMap<string, string> {
  const mates = matesOf(apart);
  const found = new Map<string, string>();
  const loads = new Map<string, number>(items.flatMap(({ places }) => places.map((place) => [place, 0])));
  const least = Math.floor(items.length / Math.max(1, loads.size));
  let extras = items.length % Math.max(1, loads.size);
  const hasRoom = (load: number): boolean => load < least || (load === least && extras > 0);
  const closeness = (name: string, place: string): Closeness => {
    const others = [...(mates.get(name) ?? [])].flatMap((mate) => found.get(mate) ?? []);
    return {
      samePlace: others.filter((other) => other === place).length,
      sameZone: others.filter((other) => zoneOf(other) === zoneOf(place)).length,
    };
  };
  for (const { name, places } of inOrder(items, mates)) {
    const ranked = places.map((place) => {
      const load = loads.get(place)!;
      const { samePlace, sameZone } = closeness(name, place);
      const cost = [samePlace, sameZone, hasRoom(load) ? -1 : load, -liking(name, place)];
      return { place, load, cost };
    });
    const best = ranked.sort((a, b) => compare(a.cost, b.cost) || (a.place < b.place ? -1 : 1))[0];
    if (!best) continue;
    if (best.load === least && extras > 0) extras -= 1;
    loads.set(best.place, best.load + 1);
    found.set(name, best.place);
  }
  return found;
}

/** Places in the order in which an item likes them. */
export function byLiking(name: string, places: readonly string[]): string[] {
  return places
    .map((place) => ({ place, likes: liking(name, place) }))
    .sort((a, b) => b.likes - a.likes || (a.place < b.place ? -1 : 1))
    .map(({ place }) => place);
}

/** Who stands in a set with whom. */
export function matesOf(apart: readonly (readonly string[])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const mates = new Map<string, Set<string>>();
  for (const set of apart)
    for (const name of set) {
      const others = mates.get(name) ?? new Set();
      for (const other of set) if (other !== name) others.add(other);
      mates.set(name, others);
    }
  return mates;
}

/** Those that have to be apart choose first: the others fill up what is left. An order of their own keeps it when others come. */
function inOrder(
  items: readonly SpreadItem[],
  mates: ReadonlyMap<string, ReadonlySet<string>>,
): readonly SpreadItem[] {
  return items
    .map((item) => ({ item, key: [mates.has(item.name) ? 0 : 1, liking(item.name, '')] }))
    .sort((a, b) => compare(a.key, b.key) || (a.item.name < b.item.name ? -1 : 1))
    .map(({ item }) => item);
}

/** How much an item likes a place, 0 to 2^32 - 1. */
function liking(name: string, place: string): number {
  let hash: number = FNV.basis;
  const text = `${name} ${place}`;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV.prime);
  for (const factor of MIX) hash = Math.imul(hash ^ (hash >>> 15), factor);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) if (value !== b[at]) return value - b[at]!;
  return 0;
}
