import { usageFailure } from '../failure.js';
import { plain } from './cell.js';

/** What `-o` takes where a command prints a list or a thing. */
export const FORMATS = ['table', 'wide', 'json', 'yaml', 'ndjson', 'name'] as const;
export type Format = (typeof FORMATS)[number];

/** The formats for programs. */
export type DataFormat = Exclude<Format, 'table' | 'wide'>;

/** Whether a format is for people. */
export function isForPeople(format: Format): format is 'table' | 'wide' {
  return format === 'table' || format === 'wide';
}

/** A list or an object as a program reads it. ndjson has a line for each item of a list. */
export async function dataText(value: unknown, format: DataFormat): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  if (format === 'yaml') return yamlText(value);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (format === 'name') return items.map((item) => `${nameOf(item)}\n`).join('');
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** Members that tell one thing from another, the surest first. */
const NAMING = [
  'name',
  'id',
  'runId',
  'address',
  'eventId',
  'source',
  'seq',
  'generation',
  'revision',
  'node',
];

/** What a thing is called in another command. Throws usage when it has no name. */
export function nameOf(thing: unknown): string {
  const { resource, ...members } = Object(thing) as Readonly<Record<string, unknown>>;
  if (resource !== undefined) return nameOf(Object(resource).metadata);
  const member = NAMING.find((one) => members[one] !== undefined && members[one] !== null);
  if (member === undefined)
    throw usageFailure('-o name: what this command prints has no name', 'use -o json, yaml or ndjson');
  return plain(String(members[member]));
}

/** YAML 1.2 whose strings also stay strings for a YAML 1.1 reader (`yes`, `0o7`, `1_000`). */
export async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false });
}
