import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { DOCUMENT, restTypes, TYPES, typeOf } from './rest-types.mjs';

it('the types of the REST API are those of the OpenAPI document: npm run rest-types makes them', async () => {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8'));
  expect(await readFile(TYPES, 'utf8')).toBe(await restTypes(document));
});

it.each([
  [{ type: 'integer' }, 'number'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
  [{ type: 'array', items: { $ref: '#/components/schemas/RunDto' } }, 'readonly (RunDto)[]'],
  [{ allOf: [{ $ref: '#/components/schemas/A' }] }, '(A)'],
  [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'Readonly<Record<string, string>>'],
  [{ type: 'object' }, 'unknown'],
  [{}, 'unknown'],
])('typeOf %j: %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});
