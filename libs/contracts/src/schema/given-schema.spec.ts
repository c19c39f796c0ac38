import { describe, expect, it } from '@jest/globals';
import { compileGivenSchema, GIVEN_FORMATS, GIVEN_SCHEMA_LIMITS, givenSchemaErrors } from './given-schema.js';

function pointers(schema: object): string[] {
  return givenSchemaErrors(schema).map(({ pointer }) => pointer);
}

/** Definitions that each stand twice in the one before, so that the schema doubles with each. */
function doubling(depth: number): object {
  const $defs: Record<string, unknown> = { [`d${depth}`]: { type: 'string' } };
  for (let at = 0; at < depth; at++) {
    const next = { $ref: `#/$defs/d${at + 1}` };
    $defs[`d${at}`] = { anyOf: [next, next] };
  }
  return { $ref: '#/$defs/d0', $defs };
}

describe('a schema that people give', () => {
  it('says where a value is wrong, all of it at once', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['via', 'metric'],
      properties: {
        via: { type: 'string', format: 'ip' },
        metric: { type: 'integer', minimum: 1 },
        tags: { type: 'array', items: { $ref: '#/$defs/tag' } },
      },
      $defs: { tag: { type: 'string', pattern: '^[a-z]+$' } },
    };
    expect(givenSchemaErrors(schema)).toEqual([]);
    const check = compileGivenSchema(schema);
    expect(check({ via: '192.0.2.1', metric: 1, tags: ['a'] })).toEqual([]);
    expect(check({ via: 'x', tags: ['a', 'B'], more: 1 })).toEqual([
      { pointer: '/metric', message: 'is required' },
      { pointer: '/more', message: 'is no field of the schema' },
      { pointer: '/via', message: GIVEN_FORMATS.ip.expected },
      { pointer: '/tags/1', message: 'must match pattern "^[a-z]+$"' },
    ]);
  });

  it('may call members what keywords are called', () => {
    const schema = {
      properties: { pattern: { type: 'string' }, uniqueItems: true, $ref: { const: '$ref' } },
    };
    expect(givenSchemaErrors(schema)).toEqual([]);
  });

  it.each([
    ['no schema', { type: 'text' }, '/type'],
    ['a keyword that is none', { requierd: ['a'] }, '/requierd'],
    ['an inner keyword that is none', { properties: { 'a/b': { typo: 1 } } }, '/properties/a~1b/typo'],
    ['a reference outside', { $ref: 'https://example.net/s' }, '/$ref'],
    [
      'a reference to a place',
      { properties: { a: true, b: { $ref: '#/properties/a' } } },
      '/properties/b/$ref',
    ],
    ['a reference to nothing', { $ref: '#/$defs/a' }, '/$ref'],
    [
      'recursion',
      { $ref: '#/$defs/a', $defs: { a: { items: { $ref: '#/$defs/a' } } } },
      '/$defs/a/items/$ref',
    ],
    ['itself', { not: { $ref: '#' } }, '/not/$ref'],
    ['an id', { $id: 'https://example.net/s' }, '/$id'],
    ['unique items', { uniqueItems: true }, '/uniqueItems'],
    ['a format of others', { format: 'regex' }, '/format'],
    ['a pattern that is none', { pattern: '(' }, '/pattern'],
    ['a pattern that looks back', { patternProperties: { '(a)\\1': true } }, '/patternProperties/(a)\\1'],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema'],
  ])('is refused with %s', (_what, schema, pointer) => {
    expect(pointers(schema)).toEqual([pointer]);
  });

  it('is bounded, definitions counted wherever they stand', () => {
    expect(pointers({ description: 'x'.repeat(GIVEN_SCHEMA_LIMITS.bytes) })).toEqual(['']);
    expect(pointers(doubling(8))).toEqual([]);
    expect(pointers(doubling(64))).toEqual(['']);
  });

  it('takes no time for a pattern that others would take years for', () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    expect(givenSchemaErrors(schema)).toEqual([]);
    expect(compileGivenSchema(schema)(`${'a'.repeat(50_000)}b`)).toHaveLength(1);
  });
});
