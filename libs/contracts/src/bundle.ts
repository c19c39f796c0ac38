import { CodedError, type FieldError } from './errors.js';
import { ROUTER_API } from './kinds/specs.js';
import { DEFAULT_PROJECT, keyOf, refKey, type ResourceRef, refText, type Resource } from './resource.js';
import { compileSchema } from './schema/compile.js';
import { METADATA } from './schema/envelope.js';
import { listOf, oneOf, shape } from './schema/shape.js';
import { invalid } from './validate.js';
import { readYaml } from './yaml-text.js';

/** What one document of a text declares; `set` names the set that owns the resources, if any. */
export interface Document {
  readonly set?: string;
  readonly resources: readonly unknown[];
}

/** A bundle of resources as one document, as `render` prints it. */
export interface RouterDocument {
  readonly apiVersion: typeof ROUTER_API;
  readonly kind: 'Router';
  readonly metadata: { readonly name: string };
  readonly spec: { readonly resources: readonly Resource[] };
}

/**
 * Documents of a YAML or JSON text (many, separated by `---`; empty ones are skipped). A Router bundle becomes one
 * document of the set `Router/<name>`, anything else a document with one resource. The resources are not validated.
 * Throws `too-large` and `bad-yaml` (see {@link readYaml}), `validation-failed` when a document is no object or a
 * bundle has the wrong shape, `duplicate-resource` when one identity is given twice in all documents.
 * Pointers start with the index of the document, empty ones not counted.
 */
export function parseDocuments(text: string): Document[] {
  const values = readYaml(text);
  const errors = values.flatMap((value, index) =>
    shapeErrors(value).map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message })),
  );
  if (errors.length > 0) throw invalid('the documents are not valid', errors);
  checkIdentities(values);
  return values.map(documentOf);
}

/** The bundle of some resources, in the order of their identities. */
export function toRouterDocument(name: string, resources: readonly Resource[]): RouterDocument {
  const keyed = resources.map((resource) => [keyOf(resource), resource] as const);
  const sorted = keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, resource]) => resource);
  return { apiVersion: ROUTER_API, kind: 'Router', metadata: { name }, spec: { resources: sorted } };
}

const checkRouter = compileSchema(
  shape<RouterDocument>({
    apiVersion: oneOf([ROUTER_API]),
    kind: oneOf(['Router']),
    metadata: METADATA,
    spec: shape<RouterDocument['spec']>({ resources: listOf({ type: 'object' }) }),
  }),
  'all',
);

function shapeErrors(value: unknown): readonly FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ pointer: '', message: 'must be an object: a resource or a Router bundle' }];
  return isRouter(value) ? checkRouter(value) : [];
}

function isRouter(value: unknown): value is RouterDocument {
  return (value as { kind?: unknown }).kind === 'Router';
}

function documentOf(value: unknown): Document {
  if (!isRouter(value)) return { resources: [value] };
  return { set: `Router/${value.metadata.name}`, resources: value.spec.resources };
}

function checkIdentities(values: readonly unknown[]): void {
  const places = new Map<string, string>();
  const errors = values.flatMap((value, index) => {
    const inner = isRouter(value) ? value.spec.resources : [];
    return [
      ...repeated(value, `/${index}`, places),
      ...inner.flatMap((resource, at) => repeated(resource, `/${index}/spec/resources/${at}`, places)),
    ];
  });
  const [first] = errors;
  if (first) throw new CodedError('duplicate-resource', `${first.pointer}: ${first.message}`, errors);
}

function repeated(value: unknown, pointer: string, places: Map<string, string>): readonly FieldError[] {
  const ref = identityOf(value);
  if (!ref) return [];
  const place = places.get(refKey(ref));
  if (place === undefined) places.set(refKey(ref), pointer);
  return place === undefined ? [] : [{ pointer, message: `${refText(ref)} is already given at ${place}` }];
}

/** The identity of something not yet validated, or undefined when it has none. */
function identityOf(value: unknown): ResourceRef | undefined {
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { name, project = DEFAULT_PROJECT } = metadata as Record<string, unknown>;
  const members = [apiVersion, kind, project, name];
  if (!members.every((member) => typeof member === 'string')) return undefined;
  return { apiVersion, kind, project, name } as ResourceRef;
}
