import type { FieldError } from '../errors.js';
import type { Resource, ResourceRef } from '../resource.js';

/**
 * Looks up a resource of the set that is being validated (after the change), in the project of the resource that asks:
 * no reference leads into another project. What stands in `default` only serves all projects, and is found from each.
 */
export interface ResourceLookup {
  (apiVersion: string, kind: string, name: string): Resource | undefined;
  /** Where it looks; absent: in `default`. */
  readonly project?: string;
}

/** The lookup that is bound to the project of a resource. */
export type LookupOf = (asking: Resource) => ResourceLookup;

/** A reference that is wrong; `missing` is what it refers to, when that is not there at all. */
export interface ReferenceFieldError extends FieldError {
  readonly missing?: ResourceRef;
}

/**
 * What is known about a kind. `schema` is the JSON Schema (draft 2020-12, `additionalProperties: false`) of `spec`;
 * `checkFields` holds the rules a schema cannot say; `checkReferences` the rules across resources.
 * Both return errors with JSON Pointers that start at the resource (`/spec/...`).
 */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: object;
  /** What is wrong with the name of a resource, beyond what every name must be; needs no valid spec. */
  readonly checkName?: (name: string) => readonly FieldError[];
  readonly checkFields?: (resource: Resource) => readonly FieldError[];
  readonly checkReferences?: (resource: Resource, lookup: ResourceLookup) => readonly ReferenceFieldError[];
  /** Why its resources stand in the project `default` only; absent: they may stand in any. */
  readonly whyDefaultProject?: string;
  /** Only people declare it: a part that brings one is rejected. */
  readonly isOfPeople?: true;
  /** Fields that are valid and kept, but that this version does nothing with: told at apply and in `get`. */
  readonly withoutEffect?: (resource: Resource) => readonly FieldError[];
  /** Fields by which something leaves the machine unencrypted: told at apply and in `get`. */
  readonly unprotected?: (resource: Resource) => readonly FieldError[];
}

/** What stands around the resources that a rule is asked of. */
export interface Surroundings {
  readonly lookupOf: LookupOf;
  /** Resources that take a place, see {@link SetRule.places}, in any order. */
  at(place: string): Iterable<Resource>;
  /** The first by its key of those that people declared and that take a place. */
  firstDeclaredAt(place: string): Resource | undefined;
}

/**
 * A rule over several resources that no single one breaks. `over` looks at a set once and gives back what is
 * wrong with one resource beside the others; that is asked only for resources of the kinds it is `about`. It must say
 * the same whichever of the resources is asked, so that a change is refused whoever made it.
 */
export interface SetRule {
  readonly about: readonly Kind[];
  /** Whether it can only be asked of a resource whose references are right. */
  readonly needsReferences?: true;
  readonly over: (
    resources: Iterable<Resource>,
    lookupOf: LookupOf,
  ) => (resource: Resource) => readonly ReferenceFieldError[];
  /** Places that a resource takes, of any kind and by itself alone: how `near` finds it. Texts of this rule. */
  readonly places: (resource: Resource) => readonly string[];
  /**
   * Others that `over` has to see to tell the same of a resource as over the whole set; more than these change nothing. Costs
   * what is near, not the set.
   */
  readonly near: (resource: Resource, surroundings: Surroundings) => Iterable<Resource>;
  /** Kinds of which one more may also make something right: it counts whether it was there before or came later. */
  readonly helpedBy?: readonly Kind[];
}

/** API group of an apiVersion: what stands before the version. */
export function apiGroupOf(apiVersion: string): string {
  const [group = ''] = apiVersion.split('/');
  return group;
}

/** Whether a resource is of a kind. */
export function isOfKind(
  resource: Pick<ResourceRef, 'apiVersion' | 'kind'>,
  { apiVersion, kind }: Kind,
): boolean {
  return resource.apiVersion === apiVersion && resource.kind === kind;
}
