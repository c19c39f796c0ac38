import type { FieldError } from '../../errors.js';
import type { Resource } from '../../resource.js';
import { compileGivenSchema, givenSchemaErrors } from '../../schema/given-schema.js';
import type { SchemaCheck } from '../../schema/compile.js';
import { ANY_OBJECT, shape, text } from '../../schema/shape.js';
import { isOfKind, type Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { SINK_API } from './sink-specs.js';

/** What the spec of a kind must look like that this version does not know. */
export interface ResourceSchemaSpec {
  /** Of the kind that is described. */
  readonly apiVersion: string;
  /** Name of the kind that is described. */
  readonly kind: string;
  /** JSON Schema, draft 2020-12, of the `spec` of that kind. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/**
 * The JSON Schema of a kind of somebody else. What operators apply and what parts bring is checked by it.
 * spec/plugins-and-config "Effective config", ADR 0031. One for each kind.
 */
export const RESOURCE_SCHEMA: Kind = {
  apiVersion: SINK_API,
  kind: 'ResourceSchema',
  schema: shape<ResourceSchemaSpec>({
    apiVersion: text('api-version'),
    kind: text('kind'),
    schema: ANY_OBJECT,
  }),
  whyDefaultProject: 'a kind looks the same in every project',
  isOfPeople: true,
  checkFields(resource) {
    return givenSchemaErrors(specOf<ResourceSchemaSpec>(resource).schema).map(({ pointer, message }) => ({
      pointer: `/spec/schema${pointer}`,
      message,
    }));
  },
};

/** One text for the kind that a resource is of, or that a ResourceSchema is about. */
export function kindKey({ apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>): string {
  return `${apiVersion} ${kind}`;
}

/** The {@link kindKey} that a resource has the schema of, when it is a ResourceSchema. */
export function describedKind(resource: Resource): string | undefined {
  return isOfKind(resource, RESOURCE_SCHEMA) ? kindKey(specOf<ResourceSchemaSpec>(resource)) : undefined;
}

/** What is wrong with the spec of a resource by the ResourceSchema of its kind; pointers start at the resource. */
export function schemaErrors(schema: Resource, resource: Resource): readonly FieldError[] {
  let check = CHECKS.get(schema);
  if (check === undefined) {
    check = compileGivenSchema(specOf<ResourceSchemaSpec>(schema).schema);
    CHECKS.set(schema, check);
  }
  return check(resource.spec).map(({ pointer, message }) => ({
    pointer: `/spec${pointer}`,
    message: `${message} (ResourceSchema/${schema.metadata.name})`,
  }));
}

/** Compiled schemas; a ResourceSchema never changes: an apply brings another one. */
const CHECKS = new WeakMap<Resource, SchemaCheck>();
