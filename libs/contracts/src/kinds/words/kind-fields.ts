import { FORMATS, type FormatName } from '../../schema/formats.js';
import type { Schema } from '../../schema/shape.js';

/** A field of a kind, as its schema has it. */
export interface SchemaField {
  /** Below `spec`: `match.types`, `rules[].ports`, `backends.*.weight`; `[]` stands for each entry, `*` for each key. */
  readonly path: string;
  /** `text`, `whole number`, `flag`, `list of text`, `object`, `map of object`, `any value`. */
  readonly type: string;
  /** It must be there wherever what it belongs to is. */
  readonly isRequired: boolean;
  /** What values are taken, besides the type; '' when all are. */
  readonly bounds: string;
  /** The member that tells variants apart and its value, when the field is of one variant alone: `type: http`. */
  readonly variant?: string;
}

/** Deeper than any kind is. */
const MOST_LEVELS = 10;

/** All fields of the schema of a kind, each behind what it belongs to, in the order of the schema. */
export function schemaFields(schema: object): readonly SchemaField[] {
  const fields = new Map<string, SchemaField>();
  walk(schema as Schema, '', undefined, (field) => {
    const known = fields.get(field.path);
    if (!known) fields.set(field.path, field);
    // several variants have it: it is of none alone
    else if (known.variant !== field.variant) fields.set(field.path, withoutVariant(known));
  });
  return [...fields.values()];
}

type Found = (field: SchemaField) => void;

function walk(schema: Schema, path: string, variant: string | undefined, found: Found, level = 0): void {
  if (level > MOST_LEVELS) return;
  const tag = tagOf(schema);
  const required = listOf(schema['required']);
  for (const [name, member] of Object.entries(objectOf(schema['properties']))) {
    const at = path === '' ? name : `${path}.${name}`;
    const of = member as Schema;
    const values = name === tag ? tagValues(schema, name) : undefined;
    const bounds = values ? values.join(', ') : boundsOf(of);
    found({
      ...{ path: at, type: typeOf(of), isRequired: required.includes(name), bounds },
      ...(variant !== undefined && { variant }),
    });
    walkInside(of, at, variant, found, level);
  }
  if (tag !== undefined)
    for (const one of schemasOf(schema['oneOf'])) {
      const [value] = tagValuesOf(one, tag);
      walk(withoutMember(one, tag), path, `${tag}: ${String(value)}`, found, level + 1);
    }
  else for (const one of alternativesOf(schema)) walk(one, path, variant, found, level + 1);
}

function walkInside(
  schema: Schema,
  path: string,
  variant: string | undefined,
  found: Found,
  level: number,
): void {
  const items = schema['items'];
  if (isSchema(items)) walkInside(items, `${path}[]`, variant, found, level + 1);
  const values = schema['additionalProperties'];
  if (isSchema(values)) walkInside(values, `${path}.*`, variant, found, level + 1);
  walk(schema, path, variant, found, level + 1);
}

function typeOf(schema: Schema): string {
  const variants = alternativesOf(schema);
  if (variants.length > 0 && schema['type'] === undefined)
    return [...new Set(variants.map(typeOf))].join(' or ');
  switch (schema['type']) {
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return 'flag';
    case 'array':
      return isSchema(schema['items']) ? `list of ${typeOf(schema['items'])}` : 'list';
    case 'object':
      return isSchema(schema['additionalProperties'])
        ? `map of ${typeOf(schema['additionalProperties'])}`
        : 'object';
    default:
      return schema['enum'] === undefined && schema['const'] === undefined ? 'any value' : 'text';
  }
}

/** What the schema says of values, in words. */
function boundsOf(schema: Schema): string {
  const { minimum, maximum, minItems, maxItems, minProperties, maxLength, format } = schema;
  const items = schema['items'];
  const values = schema['additionalProperties'];
  const constant = schema['const'];
  const parts = [
    schema['enum'] === undefined ? '' : (schema['enum'] as unknown[]).map(String).join(', '),
    constant === undefined ? '' : JSON.stringify(constant),
    range(minimum, maximum),
    count(minItems, maxItems, 'entries'),
    count(minProperties, undefined, 'keys'),
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : '',
    typeof format === 'string' ? expected(format) : '',
    isSchema(items) && boundsOf(items) !== '' ? `each: ${boundsOf(items)}` : '',
    isSchema(values) && boundsOf(values) !== '' ? `each value: ${boundsOf(values)}` : '',
    ...(schema['type'] === undefined
      ? [alternativesOf(schema).map(boundsOf).filter(Boolean).join('; or ')]
      : []),
  ];
  return parts.filter(Boolean).join('; ');
}

function range(minimum: unknown, maximum: unknown): string {
  const [from, to] = [minimum, maximum].map((one) => (typeof one === 'number' ? String(one) : undefined));
  if (from !== undefined && (to === undefined || maximum === Number.MAX_SAFE_INTEGER))
    return `${from} or more`;
  return from === undefined ? (to === undefined ? '' : `at most ${to}`) : `${from}-${to}`;
}

function count(least: unknown, most: unknown, what: string): string {
  const [from, to] = [least, most].map((one) => (typeof one === 'number' ? one : undefined));
  if (from !== undefined && to !== undefined) return `${from}-${to} ${what}`;
  if (to !== undefined) return `at most ${to} ${what}`;
  return from === undefined
    ? ''
    : `at least ${from} ${from === 1 ? what.replace(/ies$/, 'y').replace(/s$/, '') : what}`;
}

/** What people read when the format is not kept, without its `must`. */
function expected(format: string): string {
  const known = FORMATS[format as FormatName] as { readonly expected: string } | undefined;
  return (known?.expected ?? format).replace(/^must (?:be|not be) ?/, (words) =>
    words.includes('not') ? 'not ' : '',
  );
}

function tagOf(schema: Schema): string | undefined {
  const { propertyName } = objectOf(schema['discriminator']);
  return typeof propertyName === 'string' ? propertyName : undefined;
}

function tagValues(schema: Schema, tag: string): string[] {
  return schemasOf(schema['oneOf']).flatMap((one) => tagValuesOf(one, tag).map(String));
}

function tagValuesOf(variant: Schema, tag: string): readonly unknown[] {
  const member = objectOf(objectOf(variant['properties'])[tag]);
  return member['const'] === undefined ? listOf(member['enum']) : [member['const']];
}

function withoutMember(schema: Schema, name: string): Schema {
  const { [name]: _tag, ...properties } = objectOf(schema['properties']);
  return { ...schema, properties };
}

function withoutVariant({ variant: _variant, ...field }: SchemaField): SchemaField {
  return field;
}

function alternativesOf(schema: Schema): Schema[] {
  return [...schemasOf(schema['anyOf']), ...(tagOf(schema) === undefined ? schemasOf(schema['oneOf']) : [])];
}

function schemasOf(value: unknown): Schema[] {
  return listOf(value).filter(isSchema);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isSchema(value) ? value : {};
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
