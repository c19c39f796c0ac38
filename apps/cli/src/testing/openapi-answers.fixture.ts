import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly maximum?: number;
}

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
type Responses = Readonly<
  Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
>;

const DOCUMENT = JSON.parse(readFileSync('docs/reference/openapi.json', 'utf8')) as {
  readonly paths: Paths;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** Deeper than that a sample holds nothing more: schemas may hold themselves. */
const DEEPEST = 8;

/** The schema of a successful JSON answer of a route; undefined when the document has none. */
export function answerSchema(method: string, path: string): Schema | undefined {
  const operation = Object.entries(DOCUMENT.paths)
    .filter(([template]) => matches(template, path))
    .sort(([a], [b]) => a.split('{').length - b.split('{').length)
    .map(([, methods]) => methods[method.toLowerCase()])
    .find((one) => one !== undefined);
  const [, answer] = Object.entries(operation?.responses ?? {}).find(([status]) => /^2/.test(status)) ?? [];
  const content = answer?.content ?? {};
  return (content['application/json'] ?? content['application/x-ndjson'])?.schema;
}

function matches(template: string, path: string): boolean {
  const [parts, given] = [template.split('/'), path.split('/')];
  return (
    parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at])
  );
}

/** A body with everything that a schema allows, with texts that are long. */
export function sampleOf(schema: Schema | undefined, name = '', depth = 0): unknown {
  if (schema === undefined) return {};
  if (schema.$ref) return sampleOf(DOCUMENT.components.schemas[schema.$ref.split('/').at(-1)!], name, depth);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sampleOf(part, name, depth)));
  const choice = (schema.oneOf ?? schema.anyOf)?.[0];
  if (choice) return sampleOf(choice, name, depth);
  switch ([schema.type].flat()[0]) {
    case 'string':
      return textOf(name);
    case 'number':
    case 'integer':
      return Math.min(12_345, schema.maximum ?? Infinity);
    case 'boolean':
      return true;
    case 'array':
      return depth > DEEPEST ? [] : [1, 2].map(() => sampleOf(schema.items, name, depth + 1));
    default:
      return objectOf(schema, name, depth);
  }
}

function objectOf({ properties, additionalProperties }: Schema, name: string, depth: number): unknown {
  if (properties)
    return Object.fromEntries(
      Object.entries(properties).map(([key, member]) => [key, sampleOf(member, key, depth + 1)]),
    );
  if (typeof additionalProperties === 'object')
    return { key: sampleOf(additionalProperties, 'value', depth + 1) };
  if (name === 'spec') return { type: 'http', interval: '1s', timeout: '2s', rise: 2, fall: 3 };
  return {
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventSubscription',
    metadata: { name: 'a-resource-with-quite-a-long-name' },
    spec: { groupRef: 'cloudedge', description: 'some words about what this resource is for' },
    op: 'suppress',
    target: { apiVersion: 'a/v1', kind: 'Backend', name: 'masked' },
    code: 'some-code',
    message: 'a message that is longer than what fits beside everything else',
  };
}

function textOf(name: string): string {
  if (/(?:At|^at|since|Since|From|Until|expires|heldUntil|lastAttempt)$/.test(name))
    return '2026-05-30T11:57:00.000Z';
  if (/digest/i.test(name)) return '0123456789abcdef'.repeat(4);
  if (/^(?:address|prefix)$/.test(name)) return '2001:db8:1234:5678::10';
  return `a-${name || 'text'}-that-is-rather-long-for-one-column`;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, validateSchema: false });
ajv.addSchema(DOCUMENT, 'site');

/** The lists in what a schema describes, by which a command may print an answer without what is around it. */
export function listsIn(schema: Schema): readonly Schema[] {
  const named = schema.$ref && DOCUMENT.components.schemas[schema.$ref.split('/').at(-1)!];
  return Object.values((named || schema).properties ?? {}).filter(({ type }) => type === 'array');
}

/** What is wrong with a body by a schema of the document. */
export function faultsOf(schema: Schema, body: unknown): readonly string[] {
  const own = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"site#/components')) as object;
  const validate = ajv.compile(own);
  return validate(body)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
