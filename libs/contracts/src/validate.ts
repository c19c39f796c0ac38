import { CodedError, type FieldError } from './errors.js';
import { jsonError } from './json-value.js';
import type { Kind } from './kinds/kind.js';
import { pathNameErrors } from './kinds/path-name.js';
import { kindOf, KNOWN_KINDS } from './kinds/registry.js';
import { ROUTER_API } from './kinds/specs.js';
import { apiVersionError, isReferenceApi, unknownKindError } from './kinds/unknown-kind.js';
import { DEFAULT_PROJECT, refText, type Resource } from './resource.js';
import { compileSchema, type SchemaCheck } from './schema/compile.js';
import { ENVELOPE } from './schema/envelope.js';
import { RENAMABLE } from './succession.js';
import { withoutPlaces } from './without-places.js';

/**
 * How many objects and lists may lie inside each other in one resource. Four less than a document may have, so that
 * a resource always fits into a Router bundle.
 */
export const MAX_RESOURCE_DEPTH = 60;

/**
 * Checks one resource: envelope, then the schema and field rules of its kind; a kind that is nobody's keeps its spec
 * untouched. The result is the normal form: `metadata.project` is left out when it is `default`, `status` always.
 * Throws `validation-failed` with JSON Pointers into the resource (the pointer of an unknown field names that field),
 * `unknown-kind` when nothing is wrong but the kind.
 */
export function validateResource(input: unknown): Resource {
  const { resource, error } = examineResource(input);
  if (error) throw error;
  return resource!;
}

/** What an examination found: the normal form of a resource that is right, or all that is wrong with it. */
export interface Examined {
  readonly resource?: Resource;
  readonly error?: CodedError;
  /** Of a wrong resource, what can still be looked at beside others: its optional fields that are wrong left out. */
  readonly remainder?: Resource;
}

/** Checks one resource like {@link validateResource}; every rule that can still be asked is. Throws nothing. */
export function examineResource(input: unknown): Examined {
  const unkept = jsonError(input, MAX_RESOURCE_DEPTH);
  if (unkept) return { error: invalid(`${nameOf(input)} is not valid`, [unkept]) };
  const envelope = envelopeErrors(input);
  const { errors: ofSpec, remainder } = specErrors(input);
  const kind = kindErrors(input);
  const isTold = (place: string): boolean => envelope.some(({ pointer }) => pointer === place);
  const others = [...nameErrors(input), ...placeErrors(input), ...renameErrors(input)].filter(
    ({ pointer }) => !isTold(pointer),
  );
  const errors = [...envelope, ...others, ...ofSpec];
  if (errors.length === 0 && kind.length === 0) return { resource: normalForm(input as Resource) };
  const what = `${nameOf(input)} is not valid`;
  return {
    error: errors.length === 0 ? unknownKind(what, kind) : invalid(what, [...kind, ...errors]),
    ...(remainder && envelope.length === 0 && { remainder: normalForm(remainder) }),
  };
}

/**
 * Checks many resources and reports the errors of all of them; pointers start with the index (`/0/spec/...`).
 * Throws `validation-failed`.
 */
export function validateResources(inputs: readonly unknown[]): Resource[] {
  const examined = inputs.map(examineResource);
  const errors = examined.flatMap(({ error }, index) =>
    (error?.errors ?? []).map(({ pointer, message }) => ({ pointer: `/${index}${pointer}`, message })),
  );
  const first = examined.findIndex(({ error }) => error !== undefined);
  if (first >= 0) throw invalid(`${nameOf(inputs[first])} is not valid`, errors);
  return examined.map(({ resource }) => resource!);
}

/** `validation-failed` whose message tells the first error and how many more there are. */
export function invalid(what: string, errors: readonly FieldError[]): CodedError {
  return new CodedError('validation-failed', headline(what, errors), errors);
}

function unknownKind(what: string, errors: readonly FieldError[]): CodedError {
  return new CodedError('unknown-kind', headline(what, errors), errors);
}

function headline(what: string, errors: readonly FieldError[]): string {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = first?.pointer === '' ? '' : `${first?.pointer} `;
  return `${what}: ${where}${first?.message}${more}`;
}

/** The same error with its pointers led to another place; the message keeps the pointers of old. */
export function movedError(error: CodedError, pointerTo: (inside: string) => string): CodedError {
  const errors = error.errors.map(({ pointer, message }) => ({ pointer: pointerTo(pointer), message }));
  return new CodedError(error.code, error.message, errors, { cause: error });
}

/**
 * Several errors as one: the message of the first and how many fields are wrong elsewhere, the fields of all. The code
 * is theirs when they agree, else `validation-failed`.
 */
export function joinedError(failures: readonly [CodedError, ...CodedError[]]): CodedError {
  const [first, ...others] = failures;
  if (others.length === 0) return first;
  const code = others.every((other) => other.code === first.code) ? first.code : 'validation-failed';
  const elsewhere = others.flatMap(({ errors }) => errors);
  const message = `${first.message}; ${elsewhere.length} more elsewhere`;
  return new CodedError(code, message, [...first.errors, ...elsewhere]);
}

/** What is wrong with the members that every resource has; pointers start at the resource. */
export const envelopeErrors: SchemaCheck = compileSchema(ENVELOPE, 'all');

const CHECK_SPEC: ReadonlyMap<Kind, SchemaCheck> = new Map(
  KNOWN_KINDS.map((kind) => [kind, compileSchema(kind.schema as Record<string, unknown>, 'all')]),
);

/**
 * Wrong fields of the spec of a known kind, also when the envelope has errors of its own. Rules of fields that a schema
 * cannot say are asked of what is left when the wrong fields are taken out, unless a required one is among them.
 */
function specErrors(input: unknown): { errors: readonly FieldError[]; remainder?: Resource } {
  const known = knownKind(input);
  if (!known) return { errors: [], remainder: input as Resource };
  const check = CHECK_SPEC.get(known)!;
  const { spec } = input as { spec: unknown };
  if (!isObject(spec)) return { errors: [] };
  const ofSchema = check(spec);
  const left = withoutPlaces(
    spec,
    ofSchema.map(({ pointer }) => pointer),
  );
  const wrong = ofSchema.map(({ pointer, message }) => ({ pointer: `/spec${pointer}`, message }));
  const remainder = { ...(input as Resource), spec: left };
  if (nameIn(input) === undefined || (ofSchema.length > 0 && check(left).length > 0))
    return { errors: wrong };
  const ofRules = known.checkFields?.(remainder) ?? [];
  const isTold = (place: string): boolean =>
    wrong.some(({ pointer }) => place === pointer || place.startsWith(`${pointer}/`));
  const isReal = ofSchema.length === 0 ? () => true : foundIn(known, input as Resource);
  const others = ofRules.filter((error) => !isTold(error.pointer) && isReal(error));
  return { errors: [...wrong, ...others], remainder };
}

/** Whether the rules find an error also in what was given: else only leaving out a wrong place brings it about. */
function foundIn(kind: Kind, given: Resource): (error: FieldError) => boolean {
  let found: readonly FieldError[];
  try {
    found = kind.checkFields?.(given) ?? [];
  } catch {
    return () => true; // what is wrong there is more than the rules can look at
  }
  return ({ pointer, message }) =>
    found.some((error) => error.pointer === pointer && error.message === message);
}

function nameErrors(input: unknown): readonly FieldError[] {
  const name = nameIn(input);
  if (name === undefined) return [];
  return [...pathNameErrors('/metadata/name', name), ...(knownKind(input)?.checkName?.(name) ?? [])].slice(
    0,
    1,
  );
}

function kindErrors(input: unknown): readonly FieldError[] {
  const { apiVersion, kind } = identityIn(input);
  const error = unknownKindError(apiVersion, kind);
  return error ? [error] : [];
}

/** Rules about where a kind may stand. Reference 2, architecture section 5 "Names". */
function placeErrors(input: unknown): readonly FieldError[] {
  const { apiVersion, kind } = identityIn(input);
  const errors: FieldError[] = [];
  const misplaced = apiVersionError(apiVersion, kind);
  if (misplaced) errors.push(misplaced);
  if (apiVersion === ROUTER_API && kind === 'Router')
    errors.push({ pointer: '/kind', message: 'is a bundle, which cannot stand inside another document' });
  const why = whyDefaultProject(apiVersion, kind);
  if (why !== undefined && projectIn(input) !== DEFAULT_PROJECT)
    errors.push({ pointer: '/metadata/project', message: `must be default: ${why}` });
  return errors;
}

/** Owners of parts only take over from one another, and nobody from itself. ADR 0039. */
function renameErrors(input: unknown): readonly FieldError[] {
  const { name, renamedFrom } = metadataIn(input);
  if (renamedFrom === undefined) return [];
  const known = knownKind(input);
  const pointer = '/metadata/renamedFrom';
  if (!known || !RENAMABLE.includes(known)) {
    const kinds = RENAMABLE.map(({ kind }) => kind).join(', ');
    return [{ pointer, message: `is for what owns parts only (${kinds}): delete and apply the others` }];
  }
  return renamedFrom === name
    ? [{ pointer, message: 'is its own name: name the one that it had before' }]
    : [];
}

/** Why resources of a kind stand in the project `default` only; undefined: they may stand in any. */
export function whyDefaultProject(apiVersion: string, kind: string): string | undefined {
  if (isReferenceApi(apiVersion)) return '*.routerd.net kinds live there only';
  return kindOf(apiVersion, kind)?.whyDefaultProject;
}

function normalForm({ apiVersion, kind, metadata, spec }: Resource): Resource {
  const { project, ...rest } = metadata;
  return { apiVersion, kind, metadata: project === DEFAULT_PROJECT ? rest : metadata, spec };
}

function knownKind(input: unknown): Kind | undefined {
  const { apiVersion, kind } = identityIn(input);
  return kindOf(apiVersion, kind);
}

/** apiVersion and kind of something not yet validated; what is no text is empty. */
function identityIn(input: unknown): { apiVersion: string; kind: string } {
  const { apiVersion, kind } = isObject(input) ? input : {};
  return {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
    kind: typeof kind === 'string' ? kind : '',
  };
}

function metadataIn(input: unknown): Record<string, unknown> {
  return isObject(input) && isObject(input['metadata']) ? input['metadata'] : {};
}

function nameIn(input: unknown): string | undefined {
  const { name } = metadataIn(input);
  return typeof name === 'string' ? name : undefined;
}

/** The project that a text names; one that is none is told by the envelope. */
function projectIn(input: unknown): string {
  const { project } = metadataIn(input);
  return typeof project === 'string' ? project : DEFAULT_PROJECT;
}

function nameOf(input: unknown): string {
  const { kind } = identityIn(input);
  if (kind === '') return 'the resource';
  const name = nameIn(input);
  if (name === undefined) return `a resource of kind ${kind}`;
  return refText({ apiVersion: '', kind, project: projectIn(input), name });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
