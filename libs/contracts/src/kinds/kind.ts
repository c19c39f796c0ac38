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
}
