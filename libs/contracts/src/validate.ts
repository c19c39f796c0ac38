import { CodedError, type FieldError } from './errors.js';
import { jsonError } from './json-value.js';
import { BALANCE_API } from './kinds/balance/specs.js';
import type { Kind } from './kinds/kind.js';
import { apiVersionOf, kindOf, KNOWN_KINDS } from './kinds/registry.js';
import { ROUTER_API } from './kinds/specs.js';
import { DEFAULT_PROJECT, refText, type Resource } from './resource.js';
import { compileSchema, type SchemaCheck } from './schema/compile.js';
import { ENVELOPE } from './schema/envelope.js';

/**
 * How many objects and lists may lie inside each other in one resource. Four less than a document may have, so that
 * a resource always fits into a Router bundle.
 */
export const MAX_RESOURCE_DEPTH = 60;

/**
 * Checks one resource: envelope, then the schema and field rules of its kind; an unknown kind keeps its spec untouched.
 * The result is the normal form: `metadata.project` is left out when it is `default`.
 * Throws `validation-failed` with JSON Pointers into the resource; the pointer of an unknown field names that field.
 */
export function validateResource(input: unknown): Resource {
  const errors = resourceErrors(input);
  if (errors.length > 0) throw invalid(`${nameOf(input)} is not valid`, errors);
  return normalForm(input as Resource);
}

/**
 * Checks many resources and reports the errors of all of them; pointers start with the index (`/0/spec/...`).
 * Throws `validation-failed`.
 */
export function validateResources(inputs: readonly unknown[]): Resource[] {
  const found = inputs.map((input, index) =>
    resourceErrors(input).map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message })),
  );
  const errors = found.flat();
  const first = found.findIndex((some) => some.length > 0);
  if (first >= 0) throw invalid(`${nameOf(inputs[first])} is not valid`, errors);
  return (inputs as readonly Resource[]).map(normalForm);
}

/** `validation-failed` whose message tells the first error and how many more there are. */
export function invalid(what: string, errors: readonly FieldError[]): CodedError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = first?.pointer === '' ? '' : `${first?.pointer} `;
  return new CodedError('validation-failed', `${what}: ${where}${first?.message}${more}`, errors);
}

/** What is wrong with the members that every resource has; pointers start at the resource. */
export const envelopeErrors: SchemaCheck = compileSchema(ENVELOPE, 'all');

const CHECK_SPEC: ReadonlyMap<Kind, SchemaCheck> = new Map(
  KNOWN_KINDS.map((kind) => [kind, compileSchema(kind.schema as Record<string, unknown>, 'all')]),
);

function resourceErrors(input: unknown): readonly FieldError[] {
  const unkept = jsonError(input, MAX_RESOURCE_DEPTH);
  if (unkept) return [unkept];
  const envelope = envelopeErrors(input);
  if (envelope.length > 0) return [...envelope, ...specErrors(input)];
  const resource = input as Resource;
  const place = [...placeErrors(resource), ...specErrors(resource)];
  if (place.length > 0) return place;
  return kindOf(resource.apiVersion, resource.kind)?.checkFields?.(resource) ?? [];
}

/** Wrong fields of the spec of a known kind, also when the envelope has errors of its own. */
function specErrors(input: unknown): readonly FieldError[] {
  if (!isObject(input) || !isObject(input['spec'])) return [];
  const { apiVersion, kind, spec } = input;
  const known =
    typeof apiVersion === 'string' && typeof kind === 'string' ? kindOf(apiVersion, kind) : undefined;
  const errors = (known && CHECK_SPEC.get(known)?.(spec)) ?? [];
  return errors.map(({ pointer, message }) => ({ pointer: `/spec${pointer}`, message }));
}

/** Rules about where a kind may stand. Reference 2, architecture section 5 "Names". */
function placeErrors({ apiVersion, kind, metadata }: Resource): readonly FieldError[] {
  const errors: FieldError[] = [];
  const expected = apiVersionOf(kind);
  if (expected !== undefined && expected !== apiVersion)
    errors.push({ pointer: '/apiVersion', message: `must be ${expected} for kind ${kind}` });
  if (apiVersion === ROUTER_API && kind === 'Router')
    errors.push({ pointer: '/kind', message: 'is a bundle, which cannot stand inside another document' });
  const why = whyDefaultProject(apiVersion);
  if (why !== undefined && (metadata.project ?? DEFAULT_PROJECT) !== DEFAULT_PROJECT)
    errors.push({ pointer: '/metadata/project', message: `must be default: ${why}` });
  return errors;
}

function whyDefaultProject(apiVersion: string): string | undefined {
  if (isRouterdApi(apiVersion)) return '*.routerd.net kinds live there only';
  if (apiVersion === BALANCE_API) return 'projects of load-balancing kinds are not supported by this version';
  return undefined;
}

function isRouterdApi(apiVersion: string): boolean {
  const [group = ''] = apiVersion.split('/');
  return group === 'routerd.net' || group.endsWith('.routerd.net');
}

function normalForm({ apiVersion, kind, metadata, spec }: Resource): Resource {
  const { project, ...rest } = metadata;
  return { apiVersion, kind, metadata: project === DEFAULT_PROJECT ? rest : metadata, spec };
}

function nameOf(input: unknown): string {
  if (!isObject(input) || typeof input['kind'] !== 'string') return 'the resource';
  const { kind, metadata } = input;
  if (!isObject(metadata) || typeof metadata['name'] !== 'string') return `a resource of kind ${kind}`;
  const project = typeof metadata['project'] === 'string' ? metadata['project'] : DEFAULT_PROJECT;
  return refText({ apiVersion: '', kind, project, name: metadata['name'] });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
