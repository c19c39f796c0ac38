/** A listener that is to listen at a place; the one where it listens now counts as a place that it has. */
export interface PlaceWish {
  readonly name: string;
  readonly wants: string;
  readonly has?: string;
}

/**
 * Names of the listeners that get the place they want: all but those whose place another keeps or gets. Who does not
 * get its place keeps the one that it has, which may cost a third one its wish. Of two that want one place, the one
 * that has it gets it, else the first. Two that swap their places both get them.
 */
export function grantedWishes(wishes: readonly PlaceWish[]): ReadonlySet<string> {
  const granted = new Map(wishes.map((wish) => [wish.name, wish]));
  for (;;) {
    const owners = new Map<string, string>();
    for (const wish of wishes) {
      if (!granted.has(wish.name) && wish.has !== undefined) owners.set(wish.has, wish.name);
    }
    for (const wish of granted.values()) if (wish.wants === wish.has) owners.set(wish.wants, wish.name);
    for (const wish of granted.values()) {
      if (!owners.has(wish.wants)) owners.set(wish.wants, wish.name);
    }
    const denied = [...granted.values()].filter((wish) => owners.get(wish.wants) !== wish.name);
    if (denied.length === 0) return new Set(granted.keys());
    for (const wish of denied) granted.delete(wish.name);
  }
}
