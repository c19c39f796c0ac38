import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldError } from '../errors.js';
import { pointerToken } from '../json-pointer.js';
import { FORMATS } from './formats.js';
import type { Schema } from './shape.js';

/** At most this many wrong fields are told at once. */
export const MAX_FIELD_ERRORS = 50;

/** Says what is wrong with a value, in the order of the schema; nothing means that it is valid. */
export type SchemaCheck = (value: unknown) => readonly FieldError[];

/**
 * Compiles a schema on its first use. `all` reports every wrong field (for people who write resources),
 * `first` stops at the first one (for records on the hot path). A schema that is itself wrong throws then.
 */
export function compileSchema(schema: Schema, report: 'all' | 'first'): SchemaCheck {
  let check: ValidateFunction | undefined;
  return (value) => {
    check ??= COMPILERS[report]().compile(schema);
    if (check(value)) return [];
    return (check.errors ?? [])
      .filter(isTold)
      .slice(0, MAX_FIELD_ERRORS)
      .map((error) => fieldError(error));
  };
}

const COMPILERS = { all: lazily(() => compiler(true)), first: lazily(() => compiler(false)) };

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function compiler(allErrors: boolean): Ajv2020 {
  const formats = Object.entries(FORMATS).map(([name, { test }]) => [
    name,
    { type: 'string', validate: test },
  ]);
  return new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    allErrors,
    discriminator: true,
    formats: Object.fromEntries(formats) as Record<
      string,
      { type: 'string'; validate: (text: string) => boolean }
    >,
  });
}

/** A wrong key is reported by the rule it breaks; the enclosing `propertyNames` adds nothing. */
function isTold(error: ErrorObject): boolean {
  return error.keyword !== 'propertyNames';
}

/** One error of a schema for people. `formats`: what each format expects. */
export function fieldError(
  error: ErrorObject,
  formats: Readonly<Record<string, { readonly expected: string }>> = FORMATS,
): FieldError {
  const params = error.params as Record<string, unknown>;
  const member =
    params['missingProperty'] ?? params['additionalProperty'] ?? error.propertyName ?? params['tag'];
  const pointer = error.instancePath + (typeof member === 'string' ? `/${pointerToken(member)}` : '');
  return { pointer, message: messageOf(error.keyword, params, error, formats) };
}

function messageOf(
  keyword: string,
  params: Record<string, unknown>,
  error: ErrorObject,
  formats: Readonly<Record<string, { readonly expected: string }>>,
): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return `is not supported: this version does not know the field "${String(params['additionalProperty'])}"`;
    case 'type':
      return `must be ${[params['type']].flat().map(typeText).join(' or ')}`;
    case 'enum':
      return `must be one of ${quoted(params['allowedValues'] as readonly unknown[])}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    case 'discriminator':
      return params['tagValue'] === undefined
        ? 'is required'
        : `has a value that this version does not know: ${JSON.stringify(params['tagValue'])}`;
    case 'minItems':
    case 'minProperties':
      return `must have at least ${String(params['limit'])} entry`;
    case 'maxItems':
      return `must have at most ${String(params['limit'])} entries`;
    case 'minimum':
      return `must be at least ${String(params['limit'])}`;
    case 'maximum':
      return `must be at most ${String(params['limit'])}`;
    case 'format': {
      const expected = formats[String(params['format'])]?.expected ?? 'has the wrong format';
      return error.propertyName === undefined ? expected : `as a key ${expected}`;
    }
    default:
      return error.message ?? `breaks the rule ${keyword}`;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function typeText(type: unknown): string {
  return TYPES[String(type)] ?? String(type);
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}
