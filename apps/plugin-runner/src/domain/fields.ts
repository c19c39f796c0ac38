import { pointerToken } from '@signalbox/contracts';
import type { Problems } from './problems.js';

/**
 * Readers of the fields of a decoded plugin result. All treat `null` as absent, because Go programs write absent
 * lists and maps so, and report anything else of the wrong type.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a decoded value is an object, not a list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `pointer`; undefined, and reported, when it is absent or something else. */
export function requiredObject(value: unknown, pointer: string, problems: Problems): JsonObject | undefined {
  if (isObject(value)) return value;
  problems.add(pointer, isAbsent(value) ? 'is required: an object' : 'must be an object');
  return undefined;
}

/** The list at `pointer`; empty when it is absent. */
export function optionalList(value: unknown, pointer: string, problems: Problems): readonly unknown[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value)) return value;
  problems.add(pointer, 'must be a list');
  return [];
}

/** A text with at least one character that is not blank; undefined, and reported, otherwise. */
export function requiredText(value: unknown, pointer: string, problems: Problems): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value;
  problems.add(
    pointer,
    typeof value === 'string' || isAbsent(value) ? 'is required: a text that is not blank' : 'must be a text',
  );
  return undefined;
}

/** A text; undefined when it is absent or empty. */
export function optionalText(value: unknown, pointer: string, problems: Problems): string | undefined {
  if (isAbsent(value) || value === '') return undefined;
  if (typeof value === 'string') return value;
  problems.add(pointer, 'must be a text');
  return undefined;
}

/** One of the given words; undefined, and reported, otherwise. */
export function requiredWord<Word extends string>(
  value: unknown,
  words: readonly Word[],
  pointer: string,
  problems: Problems,
): Word | undefined {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) problems.add(pointer, `must be one of ${words.join(', ')}`);
  return word;
}

/** An object whose values are all texts; empty when it is absent. */
export function textMap(value: unknown, pointer: string, problems: Problems): Record<string, string> {
  if (isAbsent(value)) return {};
  if (!isObject(value)) {
    problems.add(pointer, 'must be an object whose values are texts');
    return {};
  }
  const texts: [string, string][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'string') texts.push([key, member]);
    else problems.add(`${pointer}/${pointerToken(key)}`, 'must be a text: quote it');
  }
  return Object.fromEntries(texts);
}

/** Whether a member was left out. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
