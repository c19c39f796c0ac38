import { pointerToken } from './json-pointer.js';

/** A member name that one object of a JSON text holds twice; `pointer` is the JSON Pointer of that object. */
export interface RepeatedKey {
  readonly key: string;
  readonly pointer: string;
}

/** What {@link parseStrictJson} throws when a text says two things. */
export class RepeatedKeyError extends SyntaxError {
  constructor(readonly repeated: RepeatedKey) {
    const { key, pointer } = repeated;
    const place = pointer === '' ? 'the outermost object' : `the object at ${pointer}`;
    super(`the key ${JSON.stringify(key)} is given twice in ${place}`);
    this.name = 'RepeatedKeyError';
  }
}

/**
 * JSON.parse that also refuses a member name given twice in one object (of which JSON.parse silently keeps the last).
 * Throws SyntaxError, for a repeated name {@link RepeatedKeyError}. Names such as `__proto__` become plain own members,
 * as JSON.parse does.
 */
export function parseStrictJson(text: string): unknown {
  return parseMeasuredJson(text).value;
}

/** What a JSON text says, and how much of it there is. */
export interface MeasuredJson {
  readonly value: unknown;
  /** How many objects and lists lie inside each other, 0 for a plain value. */
  readonly depth: number;
  /** Of all objects together. */
  readonly members: number;
}

/** As {@link parseStrictJson}, with the size of what was read: JSON.parse needs no stack, who walks the value does. */
export function parseMeasuredJson(text: string): MeasuredJson {
  const value: unknown = JSON.parse(text);
  const { colons, depth } = measure(text);
  if (colons === countMembers(value)) return { value, depth, members: colons };
  throw new RepeatedKeyError(findRepeatedKey(text)!);
}

/**
 * The first member name that one object of a valid JSON text holds twice, undefined when there is none. One pass without
 * recursion, so that a long string, a large object or deep nesting costs its length only.
 */
export function findRepeatedKey(json: string): RepeatedKey | undefined {
  const open: Place[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === OPEN_OBJECT) open.push({ names: new Set(), token: '' });
    else if (code === OPEN_LIST) open.push({ token: 0 });
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open.pop();
    else if (code === COMMA) nextItem(open.at(-1));
    else if (code === QUOTE) {
      const end = endOfString(json, at);
      const object = open.at(-1);
      if (object?.names && isKey(json, end + 1)) {
        const key = JSON.parse(json.slice(at, end + 1)) as string;
        if (object.names.has(key)) return { key, pointer: pointerOf(open.slice(0, -1)) };
        object.names.add(key);
        object.token = key;
      }
      at = end;
    }
  }
  return undefined;
}

/** An object or list that is open while a text is read; `token` leads to what stands in it now. */
interface Place {
  /** Of an object: the names so far. */
  readonly names?: Set<string>;
  token: string | number;
}

function nextItem(place: Place | undefined): void {
  if (typeof place?.token === 'number') place.token += 1;
}

function pointerOf(places: readonly Place[]): string {
  return places.map(({ token }) => `/${pointerToken(String(token))}`).join('');
}

/** In valid JSON every colon outside a string belongs to exactly one member as it was written. */
function measure(text: string): { colons: number; depth: number } {
  let colons = 0;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) colons += 1;
    else if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      open += 1;
      if (open > depth) depth = open;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open -= 1;
  }
  return { colons, depth };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BLANKS = [0x20, 0x0a, 0x0d, 0x09];

/** Index of the closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (BLANKS.includes(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

function countMembers(root: unknown): number {
  let members = 0;
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (!Array.isArray(value)) members += inner.length;
    for (const item of inner) if (typeof item === 'object') open.push(item);
  }
  return members;
}
