import { listOf, mapOf, type Schema, TEXT } from '../schema/shape.js';

/** The members of an object schema that names them, or undefined. */
export function membersOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  return schema['properties'] as Readonly<Record<string, Schema>> | undefined;
}

/** The schema of every value of a map, or undefined when the schema is not one of a map. */
export function valuesOf(schema: Schema): Schema | undefined {
  const values = schema['additionalProperties'];
  return typeof values === 'object' && values !== null ? (values as Schema) : undefined;
}

/** The schema of every entry of a list, or undefined when the schema is not one of a list. */
export function entriesOf(schema: Schema): Schema | undefined {
  return schema['items'] as Schema | undefined;
}

/** `probeIpv4Src` → `probe-ipv4-src`. */
export function toKebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `probe-ipv4-src` → `probeIpv4Src`. */
export function toCamel(key: string): string {
  return key.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
}

/** An object of the file: these keys and no others, none of them required. */
export function fileObject(members: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', additionalProperties: false, properties: members };
}

/**
 * How a file writes what the spec of a kind says: the same keys in kebab-case, values of the same types. What is
 * required and which values are right is left to the kind: that is what tells a parse error from a semantic one
 * (reference maglev 2.1).
 */
export function fileSchema(schema: Schema): Schema {
  const [members, values, entries] = [membersOf(schema), valuesOf(schema), entriesOf(schema)];
  if (members)
    return fileObject(
      Object.fromEntries(Object.entries(members).map(([key, member]) => [toKebab(key), fileSchema(member)])),
    );
  if (values) return mapOf(fileSchema(values));
  if (entries) return listOf(fileSchema(entries));
  return schema['enum'] === undefined ? { type: schema['type'] } : TEXT;
}

/** The spec that a value of the file says, by the schema of its kind. The value follows {@link fileSchema}. */
export function toSpec(value: unknown, schema: Schema): unknown {
  const [members, values, entries] = [membersOf(schema), valuesOf(schema), entriesOf(schema)];
  if (entries) return (value as readonly unknown[]).map((entry) => toSpec(entry, entries));
  if (!members && !values) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([key, member]: [string, unknown]) => {
      const name = members ? toCamel(key) : key;
      return [name, toSpec(member, members?.[name] ?? values ?? {})];
    }),
  );
}

/** The way into a spec as the file writes it: keys that the schema names in kebab-case, names as they are. */
export function toFilePath(path: readonly string[], schema: Schema = {}): string[] {
  const [token, ...rest] = path;
  if (token === undefined) return [];
  const members = membersOf(schema);
  if (members && Object.hasOwn(members, token)) return [toKebab(token), ...toFilePath(rest, members[token])];
  return [token, ...toFilePath(rest, entriesOf(schema) ?? valuesOf(schema))];
}

/**
 * A value of the file in which nothing is empty: a key without a value is an absent one, a name without a value (of a
 * backend in a pool, say) one with nothing but defaults. Whatever does not follow the schema stays as it is.
 */
export function withoutEmpty(value: unknown, schema: Schema): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [members, values, entries] = [membersOf(schema), valuesOf(schema), entriesOf(schema)];
  if (Array.isArray(value)) return entries ? value.map((entry) => withoutEmpty(entry, entries)) : value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
      if (member === null && members && Object.hasOwn(members, key)) return [];
      const inner = members && Object.hasOwn(members, key) ? members[key] : values;
      return [[key, withoutEmpty(member === null && values ? {} : member, inner ?? {})]];
    }),
  );
}
