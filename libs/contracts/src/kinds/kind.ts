import type { FieldError } from '../errors.js';
import type { Resource } from '../resource.js';

/** Looks up a resource of the set that is being validated (after the change). Project is `default`. */
export type ResourceLookup = (apiVersion: string, kind: string, name: string) => Resource | undefined;

/**
 * What is known about a kind. `schema` is the JSON Schema (draft 2020-12, `additionalProperties: false`) of `spec`;
 * `checkFields` holds the rules a schema cannot say; `checkReferences` the rules across resources.
 * Both return errors with JSON Pointers that start at the resource (`/spec/...`).
 */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: object;
  readonly checkFields?: (resource: Resource) => readonly FieldError[];
  readonly checkReferences?: (resource: Resource, lookup: ResourceLookup) => readonly FieldError[];
  /** Fields that are valid and kept, but that this version does nothing with: told at apply and in `get`. */
  readonly withoutEffect?: (resource: Resource) => readonly FieldError[];
}

/**
 * A rule over several resources that no single one breaks. `over` looks at the whole set once and gives back what is
 * wrong with one resource beside the others; that is asked only for resources of the kinds it is `about`. It must say
 * the same whichever of the resources is asked, so that a change is refused whoever made it.
 */
export interface SetRule {
  readonly about: readonly Kind[];
  readonly over: (
    resources: Iterable<Resource>,
    lookup: ResourceLookup,
  ) => (resource: Resource) => readonly FieldError[];
}

/** Whether a resource is of a kind. */
export function isOfKind(resource: Resource, { apiVersion, kind }: Kind): boolean {
  return resource.apiVersion === apiVersion && resource.kind === kind;
}
