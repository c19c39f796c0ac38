import type { FormatName } from './formats.js';

/** A JSON Schema (draft 2020-12) as plain data. */
export type Schema = Readonly<Record<string, unknown>>;

type OptionalKeys<T> = { [K in keyof T]-?: Record<never, unknown> extends Pick<T, K> ? K : never }[keyof T];
type RequiredKeys<T> = Exclude<keyof T, OptionalKeys<T>>;

/**
 * Strict schema of an object type: exactly the members of `T`, the required ones present, no others.
 * The compiler refuses a member that is missing, misspelt or in the wrong group, so a type and its schema
 * cannot drift apart in what they name.
 */
export function shape<T extends object>(
  required: Readonly<Record<RequiredKeys<T>, Schema>>,
  ...[optional]: [OptionalKeys<T>] extends [never] ? [] : [Readonly<Record<OptionalKeys<T>, Schema>>]
): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: {
      ...(required as Record<string, Schema>),
      ...(optional as Record<string, Schema> | undefined),
    },
  };
}

/** Any object whose values follow one schema; its keys are data and must not be blank. */
export function mapOf(values: Schema, bounds: { readonly minProperties?: number } = {}): Schema {
  return { type: 'object', propertyNames: { format: 'non-blank' }, additionalProperties: values, ...bounds };
}

/** An array whose entries follow one schema. */
export function listOf(
  items: Schema,
  bounds: { readonly minItems?: number; readonly maxItems?: number } = {},
): Schema {
  return { type: 'array', items, ...bounds };
}

/** One of a few constants. */
export function oneOf(values: readonly unknown[]): Schema {
  return { enum: [...values] };
}

/** Objects told apart by one member, so that an error speaks about the variant that was meant. */
export function taggedBy(tag: string, variants: readonly Schema[]): Schema {
  return {
    type: 'object',
    required: [tag],
    properties: { [tag]: TEXT },
    discriminator: { propertyName: tag },
    oneOf: [...variants],
  };
}

/** A string that follows a named format, see `formats.ts`. */
export function text(format: FormatName): Schema {
  return { type: 'string', format };
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum };
}

export const TEXT: Schema = { type: 'string' };
export const NON_BLANK: Schema = { type: 'string', format: 'non-blank' };
export const FLAG: Schema = { type: 'boolean' };
export const TEXT_MAP: Schema = { type: 'object', additionalProperties: TEXT };
export const ANY_OBJECT: Schema = { type: 'object' };
/** A sequence, revision, generation, version or count. */
export const COUNT: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
