import { type Document, pointerIn } from './document.js';
import { CodedError, type FieldError } from './errors.js';
import { ROUTER_API } from './kinds/specs.js';
import { badMaglev, isMaglevFile, maglevDocument, structureErrors } from './maglev/maglev-file.js';
import { DEFAULT_PROJECT, keyOf, refKey, type ResourceRef, refText, type Resource } from './resource.js';
import { compileSchema } from './schema/compile.js';
import { METADATA } from './schema/envelope.js';
import { listOf, oneOf, shape } from './schema/shape.js';
import { invalid } from './validate.js';
import { readYaml } from './yaml-text.js';

/** A bundle of resources as one document, as `render` prints it. */
export interface RouterDocument {
  readonly apiVersion: typeof ROUTER_API;
  readonly kind: 'Router';
  readonly metadata: { readonly name: string };
  readonly spec: { readonly resources: readonly Resource[] };
}

/**
 * Documents of a YAML or JSON text (many, separated by `---`; empty ones are skipped). A Router bundle becomes one
 * document of the set `Router/<name>`, a maglev.yaml one of the set `maglev`, anything else a document with one
 * resource. The resources are not validated.
 * Throws `too-large` and `bad-yaml` (see {@link readYaml}) and what {@link documentsOf} throws.
 */
export function parseDocuments(text: string): Document[] {
  return documentsOf(readYaml(text));
}

/**
 * Documents in the values of a text. Throws `validation-failed` when one is no object or a bundle has the wrong shape,
 * `bad-maglev` when a maglev.yaml has, `duplicate-resource` when one identity is given twice in all documents.
 * Pointers start with the index of the document.
 */
export function documentsOf(values: readonly unknown[]): Document[] {
  const errors = errorsOfEach(values, shapeErrors);
  if (errors.length > 0) throw invalid('the documents are not valid', errors);
  const unlike = errorsOfEach(values, (value) => (isMaglevFile(value) ? structureErrors(value) : []));
  if (unlike.length > 0) throw badMaglev(unlike);
  const documents = values.map(documentOf);
  checkIdentities(values, documents);
  return documents;
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

function errorsOfEach(
  values: readonly unknown[],
  errorsOf: (value: unknown) => readonly FieldError[],
): FieldError[] {
  return values.flatMap((value, index) =>
    errorsOf(value).map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message })),
  );
}

function shapeErrors(value: unknown): readonly FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ pointer: '', message: 'must be an object: a resource, a Router bundle or a maglev.yaml' }];
  return isRouter(value) ? checkRouter(value) : [];
}

function isRouter(value: unknown): value is RouterDocument {
  return (value as { kind?: unknown }).kind === 'Router';
}

function documentOf(value: unknown): Document {
  if (isMaglevFile(value)) return maglevDocument(value);
  if (!isRouter(value)) return { resources: [value] };
  return { set: `Router/${value.metadata.name}`, resources: value.spec.resources };
}

function checkIdentities(values: readonly unknown[], documents: readonly Document[]): void {
  const places = new Map<string, string>();
  const errors = documents.flatMap((document, index) => {
    const bundle = isRouter(values[index]) ? repeated(values[index], `/${index}`, places) : [];
    const inner = document.resources.flatMap((resource, at) =>
      repeated(resource, `/${index}${pointerIn(document, at)}`, places),
    );
    return [...bundle, ...inner];
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
