import type { OpenAPIObject } from '@nestjs/swagger';
import { type Kind, KNOWN_KINDS } from '@signalbox/contracts';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

const SCHEMAS = '#/components/schemas/';

/** A resource that is given: of a known kind with its own schema, or of another one. */
export const GIVEN_RESOURCE_REF = { $ref: `${SCHEMAS}GivenResource` } as const;

/** The schemas of all kinds, from the table by which they are checked. */
export function kindSchemas(): Schemas {
  const named = KNOWN_KINDS.map((kind): [string, Schema] => [`${kind.kind}Resource`, schemaOf(kind)]);
  return {
    GivenResource: {
      description: 'Known kinds have the schema of their `spec`; other kinds are kept as they are.',
      anyOf: [...named.map(([name]) => name), 'ResourceDto'].map((name) => ({ $ref: SCHEMAS + name })),
    },
    ...Object.fromEntries(named),
  };
}

function schemaOf({ apiVersion, kind, schema }: Kind): Schema {
  const one = (value: string): Schema => ({ type: 'string', enum: [value] });
  return {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: one(apiVersion),
      kind: one(kind),
      metadata: { $ref: `${SCHEMAS}ResourceMetadataDto` },
      spec: withoutDiscriminators(schema) as Schema,
    },
  };
}

/** The keyword means another thing in OpenAPI, and what it chooses between says as much without. */
function withoutDiscriminators(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutDiscriminators);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part)
      .filter(([name, value]) => name !== 'discriminator' || !isDiscriminator(value))
      .map(([name, value]) => [name, withoutDiscriminators(value)]),
  );
}

function isDiscriminator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'propertyName' in value;
}
