/**
 * `npm run rest-types`: the types of the REST API's bodies, from docs/reference/openapi.json (docs/adr/0050).
 * Its shape is the one that the DTOs make: named schemas of objects, arrays, enumerations and references.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';

export const DOCUMENT = 'docs/reference/openapi.json';
export const TYPES = 'apps/cli/src/rest/rest-types.ts';

const HEAD = `/** Bodies of the REST API. Made from ${DOCUMENT} by \`npm run rest-types\`: do not edit. */`;

/** The text of the file of types for an OpenAPI document. */
export async function restTypes(document) {
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [HEAD, ...schemas.map(([name, schema]) => declaration(name, schema))].join('\n\n');
  return format(text, { ...(await resolveConfig(TYPES)), parser: 'typescript' });
}

function declaration(name, schema) {
  const isPlain = schema.properties && !schema.allOf && !schema.oneOf && !Array.isArray(schema.type);
  const body = isPlain
    ? `export interface ${name} ${members(schema)}`
    : `export type ${name} = ${typeOf(schema)};`;
  return `${comment(schema)}${body}`;
}

/** The TypeScript type of a JSON schema; what says nothing is unknown. */
export function typeOf(schema) {
  if (schema === undefined || schema === true) return 'unknown';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const parts = schema.allOf ?? [];
  if (parts.length > 0) return parts.map((part) => `(${typeOf(part)})`).join(' & ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return union(choices.map((choice) => typeOf(choice)));
  const types = [schema.type].flat();
  return union(types.map((type) => typeNamed(type, schema)));
}

function typeNamed(type, schema) {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `readonly (${typeOf(schema.items)})[]`;
    case 'object':
      if (schema.properties) return members(schema);
      if (typeof schema.additionalProperties === 'object')
        return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
      return schema.additionalProperties ? 'Readonly<Record<string, unknown>>' : 'unknown';
    default:
      return 'unknown';
  }
}

function members({ properties, required = [] }) {
  const lines = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema)}readonly ${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{\n${lines.join('\n')}\n}`;
}

function keyOf(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function comment({ description }) {
  return description ? `/** ${description.replaceAll('*/', '*\\/')} */\n` : '';
}

function union(types) {
  return [...new Set(types)].join(' | ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeFile(TYPES, await restTypes(JSON.parse(await readFile(DOCUMENT, 'utf8'))));
