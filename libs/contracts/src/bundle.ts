import { type Document, pointerIn } from './document.js';
import { didYouMean } from './did-you-mean.js';
import { CodedError, type FieldError } from './errors.js';
import { ROUTER_API } from './kinds/specs.js';
import { isReferenceApi } from './kinds/unknown-kind.js';
import { badMaglev, isMaglevFile, maglevDocument, structureErrors } from './maglev/maglev-file.js';
import { keyOf, refIn, refKey, refText, type Resource } from './resource.js';
import { compileSchema } from './schema/compile.js';
import { BUNDLE_METADATA } from './schema/envelope.js';
import { ANY_OBJECT, listOf, oneOf, shape } from './schema/shape.js';
import { invalid, joinedError } from './validate.js';
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
 * Throws `too-large` and `bad-yaml` (see {@link readYaml}), and as one error what {@link surveyValues} finds.
 */
export function parseDocuments(text: string): Document[] {
  return documentsOf(readYaml(text));
}

/** As {@link parseDocuments}, for the values of a text. */
export function documentsOf(values: readonly unknown[]): Document[] {
  const { documents, failures } = surveyValues(values);
  const [first, ...others] = failures;
  if (first) throw joinedError([first, ...others]);
  return documents;
}

/** Documents, and what is wrong with them apart from the resources inside. */
export interface ValueSurvey {
  /** One for each value; of a value that is no document, one without resources. */
  readonly documents: Document[];
  readonly failures: readonly CodedError[];
}

/**
 * Documents in the values of a text, and everything that is wrong with their form: `validation-failed` when one is no
 * object or a bundle has the wrong shape, `bad-maglev` when a maglev.yaml has, `duplicate-resource` when one identity is
 * given twice in all documents. Pointers start with the index of the document.
 */
export function surveyValues(values: readonly unknown[]): ValueSurvey {
  const misshapen = errorsOfEach(values, shapeErrors);
  const unlike = errorsOfEach(values, (value) => (isMaglevFile(value) ? structureErrors(value) : []));
  const documents = values.map(documentOf);
  const repeated = repeatedIdentities(values, documents);
  return {
    documents,
    failures: [
      ...(misshapen.length > 0 ? [invalid('the documents are not valid', misshapen)] : []),
      ...(unlike.length > 0 ? [badMaglev(unlike)] : []),
      ...(repeated.length > 0 ? [duplicates(repeated)] : []),
    ],
  };
}

/** The bundle of some resources, in the order of their identities. */
export function toRouterDocument(name: string, resources: readonly Resource[]): RouterDocument {
  const keyed = resources.map((resource) => [keyOf(resource), resource] as const);
  const sorted = keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, resource]) => resource);
  return { apiVersion: ROUTER_API, kind: 'Router', metadata: { name }, spec: { resources: sorted } };
}

/** A bundle as people write it: the reference's `reconcile` may be there, and a `status` that is never kept. */
interface GivenRouter extends RouterDocument {
  readonly spec: RouterDocument['spec'] & { readonly reconcile?: object };
  readonly status?: unknown;
}

const checkRouter = compileSchema(
  shape<GivenRouter>(
    {
      apiVersion: oneOf([ROUTER_API]),
      kind: oneOf(['Router']),
      metadata: BUNDLE_METADATA,
      spec: shape<GivenRouter['spec']>({ resources: listOf({ type: 'object' }) }, { reconcile: ANY_OBJECT }),
    },
    { status: {} },
  ),
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
  if (!isObject(value))
    return [{ pointer: '', message: 'must be an object: a resource, a Router bundle or a maglev.yaml' }];
  return isRouter(value) ? checkRouter(value) : [];
}

/** A bundle, also with a slip in its apiVersion; a `Router` of somebody else's group is a resource like any other. */
function isRouter(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || value['kind'] !== 'Router') return false;
  const { apiVersion } = value;
  if (typeof apiVersion !== 'string') return true;
  return isReferenceApi(apiVersion) || didYouMean(apiVersion, [ROUTER_API]) !== undefined;
}

function documentOf(value: unknown): Document {
  if (!isObject(value)) return { resources: [] };
  if (isMaglevFile(value))
    return structureErrors(value).length > 0 ? { resources: [] } : maglevDocument(value);
  return isRouter(value) ? bundleOf(value) : { resources: [value] };
}

/** The document of a bundle, as far as it has the form of one. */
function bundleOf({ metadata, spec }: Record<string, unknown>): Document {
  const { name } = Object(metadata) as { name?: unknown };
  const { resources, reconcile } = Object(spec) as { resources?: unknown; reconcile?: unknown };
  return {
    set: `Router/${String(name)}`,
    resources: Array.isArray(resources) ? resources : [],
    ...(reconcile !== undefined && {
      withoutEffect: [
        { pointer: '/spec/reconcile', message: 'is not kept: every apply is one atomic changeset' },
      ],
    }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function repeatedIdentities(
  values: readonly unknown[],
  documents: readonly Document[],
): readonly FieldError[] {
  const places = new Map<string, string>();
  return documents.flatMap((document, index) => {
    const bundle = isRouter(values[index]) ? repeated(values[index], `/${index}`, places) : [];
    const inner = document.resources.flatMap((resource, at) =>
      repeated(resource, `/${index}${pointerIn(document, at)}`, places),
    );
    return [...bundle, ...inner];
  });
}

function duplicates(errors: readonly FieldError[]): CodedError {
  const [first] = errors;
  return new CodedError('duplicate-resource', `${first?.pointer}: ${first?.message}`, errors);
}

function repeated(value: unknown, pointer: string, places: Map<string, string>): readonly FieldError[] {
  const ref = refIn(value);
  if (!ref) return [];
  const place = places.get(refKey(ref));
  if (place === undefined) places.set(refKey(ref), pointer);
  return place === undefined ? [] : [{ pointer, message: `${refText(ref)} is already given at ${place}` }];
}
