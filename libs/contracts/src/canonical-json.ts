import { hash } from 'node:crypto';

/** A plain JSON value. `undefined` members of objects are treated as absent. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON text with object keys in code-unit order and no blanks, so that equal values give equal bytes.
 * Members that are `undefined` are left out. Throws on numbers that JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold the number ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value as Readonly<Record<string, unknown>>);
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue;
    if (members !== '') members += ',';
    members += `${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** Lower-case hex sha256 of a text (UTF-8) or of bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** First byte of the sha256 of a text, 0-255. */
export function sha256FirstByte(data: string): number {
  return Number.parseInt(sha256Hex(data).slice(0, 2), 16);
}

/** Digest of a JSON value: sha256 hex of its canonical text. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
