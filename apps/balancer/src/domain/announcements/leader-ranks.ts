import { byLiking, matesOf, spread, type SpreadItem } from './spread.js';

/** What is led, and where it can be. */
export interface Led {
  readonly name: string;
  /** Nodes that may lead it, sorted. */
  readonly nodes: readonly string[];
}

/**
 * Who leads what: for each name its nodes in the order in which they lead it when those before them cannot. Leaders are spread evenly, and
 * so are those that take over from each of them. What is `apart` has different leaders, in different zones if there are; who takes over
 * is none that leads one of the same set, if there is another. See {@link spread} for how few change.
 */
export function leaderRanks(
  led: readonly Led[],
  apart: readonly (readonly string[])[],
  zoneOf: (node: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const items = led.map(({ name, nodes }): SpreadItem => ({ name, places: nodes }));
  const leaders = spread(items, apart, zoneOf);
  const mates = matesOf(apart);
  const byLeader = new Map<string, SpreadItem[]>();
  for (const { name, places } of items) {
    const leader = leaders.get(name);
    if (leader === undefined) continue;
    const taken = new Set([...(mates.get(name) ?? [])].flatMap((mate) => leaders.get(mate) ?? []));
    const others = places.filter((place) => place !== leader);
    const free = others.filter((place) => !taken.has(place));
    const item = { name, places: free.length > 0 ? free : others };
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), item]);
  }
  const ranks = new Map<string, readonly string[]>(items.map(({ name }) => [name, []]));
  const placesOf = new Map(items.map(({ name, places }) => [name, places]));
  for (const [leader, group] of byLeader) {
    const seconds = spread(group);
    for (const { name } of group) {
      const first = [leader, ...(seconds.has(name) ? [seconds.get(name)!] : [])];
      const rest = placesOf.get(name)!.filter((place) => !first.includes(place));
      ranks.set(name, [...first, ...byLiking(name, rest)]);
    }
  }
  return ranks;
}
