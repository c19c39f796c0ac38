import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { validateResource } from '../../validate.js';
import { KNOWN_KINDS } from '../registry.js';
import { sample, type SampleKind } from '../sample-resources.fixture.js';
import { defaultIn, describedKinds } from './described-kind.js';
import { schemaFields } from './kind-fields.js';
import { readWords, type WrittenWords } from './read-words.fixture.js';

const FILE = join(import.meta.dirname, 'kind-words.json');

/** Sentences for who reads the code: where a rule comes from. */
const SOURCES =
  /(?:^|(?<=[.;:] ))(?:Reference|spec\/|Spec\/|ADR|acceptance)[^;]*?(?:\.(?= [A-Z`]|$)|;(?: |$)|$)/g;

function forPeople(text: string): string {
  return text
    .replace(SOURCES, '')
    .replace(/ \((?:ADR \d+|[A-Z]\d+|[Rr]eference [\d.]+)\)/g, '')
    .replace(/\{@link (\w+) ?\}/g, '`$1`')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Of each field of the schema. */
function written(kind: string, schema: object, { words, fields }: WrittenWords) {
  return {
    words: forPeople(words),
    fields: Object.fromEntries(schemaFields(schema).map(({ path }) => [path, forPeople(fields[path] ?? '')])),
    example: sample(kind as SampleKind),
  };
}

describe('the words of kinds', () => {
  const all = readWords();

  /** `UPDATE_DOCS=1` writes the file after a change of a comment or a schema. */
  it('are those of the types that the schemas are made of', () => {
    const now = Object.fromEntries(
      KNOWN_KINDS.map(({ kind, schema }) => [kind, written(kind, schema, all[kind]!)] as const).sort(
        ([a], [b]) => (a < b ? -1 : 1),
      ),
    );
    const text = `${JSON.stringify(now, null, 2)}\n`;
    if (process.env['UPDATE_DOCS']) writeFileSync(FILE, text);
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('say something of each kind and of every field of it', () => {
    const silent = describedKinds().flatMap(({ kind, words, fields }) => [
      ...(words === '' ? [kind] : []),
      ...fields.filter((field) => field.words === '').map(({ path }) => `${kind}.spec.${path}`),
    ]);
    expect(silent).toEqual([]);
  });

  it('are of fields that there are', () => {
    for (const { kind, schema } of KNOWN_KINDS) {
      const paths = new Set(schemaFields(schema).map(({ path }) => path));
      expect(Object.keys(all[kind]!.fields).filter((path) => !paths.has(path))).toEqual([]);
    }
  });

  it('name nothing that only who reads the code knows', () => {
    for (const { words, fields } of describedKinds())
      for (const text of [words, ...fields.map((field) => field.words)])
        expect(text).not.toMatch(/@link|\bADR\b|spec\/|\breference \d|`\w+Of`|`[A-Z]+(?:_[A-Z]+)+`/i);
  });

  it.each(KNOWN_KINDS.map(({ kind }) => kind))('come with an example of %s that is valid', (kind) => {
    const { example } = describedKinds().find((one) => one.kind === kind)!;
    expect(validateResource(example)).toMatchObject({ kind });
  });

  it.each([
    ['Passes until up, default 2.', '2'],
    ['`haproxy` (default): the counter snaps.', '`haproxy`'],
    ['Default 30s, of `kubernetes` 0s.', '30s'],
    ['While fully down; default `interval`.', '`interval`'],
    ['Octal, default 0644.', '0644'],
    ['An address.', ''],
  ])('tell the default: %s', (words, value) => {
    expect(defaultIn(words)).toBe(value);
  });
});
