import { readPointerToken } from './json-pointer.js';

/**
 * A copy of a value without the members and entries that JSON Pointers name. A pointer that leads nowhere takes nothing
 * away.
 */
export function withoutPlaces<T extends object>(value: T, pointers: readonly string[]): T {
  if (pointers.length === 0) return value;
  const copy = structuredClone(value);
  const places = [...new Set(pointers)].map(tokensOf);
  // what lies deeper first, and lists from behind: nothing moves that is still to go
  places.sort((a, b) => b.length - a.length || indexIn(b) - indexIn(a));
  for (const place of places) remove(copy, place);
  return copy;
}

function tokensOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1).map(readPointerToken);
}

function indexIn(place: readonly string[]): number {
  return Number(place.at(-1)) || 0;
}

function remove(root: object, place: readonly string[]): void {
  const last = place.at(-1);
  let parent: unknown = root;
  for (const token of place.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, token)) return;
    parent = (parent as Record<string, unknown>)[token];
  }
  if (last === undefined || typeof parent !== 'object' || parent === null) return;
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
}
