import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import type { FieldError } from '../errors.js';
import { pointerToken } from '../json-pointer.js';
import { fieldError, MAX_FIELD_ERRORS, type SchemaCheck } from './compile.js';
import { FORMATS } from './formats.js';

/**
 * JSON Schemas that people declare. They are checked before they are compiled, so that no schema and no value can make a
 * check take long: bounded size, no recursion, no references outside, patterns in RE2. ADR 0031.
 */

/**
 * `bytes`: of the schema as JSON. `nodes`: schemas in it, each definition counted wherever it is referred to.
 */
export const GIVEN_SCHEMA_LIMITS = { bytes: 64 * 1024, nodes: 4096 } as const;

/** Draft that schemas follow; `$schema` may say so. */
export const SCHEMA_DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** Values of `format`, all others are refused; the first three are of JSON Schema, the others as in kinds of ours. */
export const GIVEN_FORMATS = {
  ipv4: FORMATS.ipv4,
  ipv6: FORMATS.ipv6,
  'date-time': FORMATS.timestamp,
  ip: FORMATS.ip,
  'ipv4-prefix': FORMATS['ipv4-prefix'],
  'dns-name': FORMATS['dns-name'],
  host: FORMATS.host,
} as const;

type Children = 'none' | 'one' | 'list' | 'map';

/** Keywords that may stand in a schema, and where further schemas are inside them. */
const KEYWORDS: Readonly<Record<string, Children>> = {
  ...words(
    'none',
    '$schema $ref $comment title description default examples deprecated readOnly writeOnly type enum const',
  ),
  ...words(
    'none',
    'required minProperties maxProperties dependentRequired minItems maxItems minContains maxContains',
  ),
  ...words(
    'none',
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format',
  ),
  ...words('one', 'additionalProperties propertyNames items contains not if then else'),
  ...words('list', 'allOf anyOf oneOf prefixItems'),
  ...words('map', 'properties patternProperties dependentSchemas $defs'),
};

/** Why keywords of the draft are left out. */
const REFUSED: Readonly<Record<string, string>> = {
  uniqueItems: 'costs the square of the list',
  $dynamicRef: 'may recur: write a $ref to #/$defs/<name>',
};

function words(children: Children, names: string): Record<string, Children> {
  return Object.fromEntries(names.split(' ').map((name) => [name, children]));
}

/** What is wrong with a schema; pointers start at it. Nothing means that it can be compiled. */
export function givenSchemaErrors(schema: object): readonly FieldError[] {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  const { bytes: most } = GIVEN_SCHEMA_LIMITS;
  if (bytes > most) return [{ pointer: '', message: `has ${bytes} bytes, at most ${most} are allowed` }];
  const ajv = compiler();
  if (!ajv.validate(SCHEMA_DRAFT, schema)) return firstOfEach(toldErrors(ajv.errors ?? []));
  const survey = new Survey(schema as Record<string, unknown>);
  if (survey.errors.length > 0) return survey.errors.slice(0, MAX_FIELD_ERRORS);
  try {
    compileGivenSchema(schema);
    return [];
  } catch (error) {
    return [{ pointer: '', message: `cannot be used: ${(error as Error).message}` }];
  }
}

/** The check of a schema that {@link givenSchemaErrors} found nothing wrong with. */
export function compileGivenSchema(schema: object): SchemaCheck {
  const ajv = compiler();
  const check = ajv.compile(schema);
  ajv.removeSchema(schema); // the compiler would keep every version of it
  return (value) => (check(value) ? [] : toldErrors(check.errors ?? []));
}

/** The draft says of one wrong place all that it might have been. */
function firstOfEach(errors: readonly FieldError[]): readonly FieldError[] {
  return [...new Map(errors.toReversed().map((error) => [error.pointer, error])).values()].reverse();
}

function toldErrors(errors: readonly ErrorObject[]): readonly FieldError[] {
  return errors
    .filter(({ keyword }) => keyword !== 'propertyNames' && keyword !== 'if')
    .slice(0, MAX_FIELD_ERRORS)
    .map((error) => {
      const { pointer, message } = fieldError(error, GIVEN_FORMATS);
      const isUnknown = error.keyword === 'additionalProperties';
      return { pointer, message: isUnknown ? 'is no field of the schema' : message };
    });
}

let made: Ajv2020 | undefined;

function compiler(): Ajv2020 {
  made ??= new Ajv2020({
    strictSchema: true,
    strictNumbers: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allErrors: true,
    logger: false,
    formats: Object.fromEntries(
      Object.entries(GIVEN_FORMATS).map(([name, { test }]) => [
        name,
        { type: 'string' as const, validate: test },
      ]),
    ),
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
  });
  return made;
}

/** A pattern whose time is linear in the text, whatever it says. Throws when it is none. */
function linearPattern(pattern: string): { test: (text: string) => boolean; toString: () => string } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.test(text), toString: () => pattern };
}

/** Walks a schema once: unknown and refused keywords, references, and how large it is with its definitions in place. */
class Survey {
  readonly errors: FieldError[] = [];
  private readonly sizes = new Map<string, number | 'open'>();
  private readonly definitions: Record<string, unknown>;

  constructor(schema: Record<string, unknown>) {
    this.definitions = (schema['$defs'] ?? {}) as Record<string, unknown>;
    const { nodes } = GIVEN_SCHEMA_LIMITS;
    if (this.visit(schema, '') > nodes && this.errors.length === 0)
      this.errors.push({ pointer: '', message: `has more than ${nodes} schemas, definitions in place` });
  }

  private visit(schema: unknown, pointer: string): number {
    if (typeof schema !== 'object' || schema === null) return 1;
    let size = 1;
    for (const [keyword, value] of Object.entries(schema)) {
      const place = `${pointer}/${pointerToken(keyword)}`;
      size += this.keyword(keyword, value, place, pointer === '');
    }
    return Math.min(size, GIVEN_SCHEMA_LIMITS.nodes + 1);
  }

  private keyword(keyword: string, value: unknown, place: string, isRoot: boolean): number {
    const children = KEYWORDS[keyword];
    if (children === undefined)
      this.tell(place, `is not supported: ${REFUSED[keyword] ?? 'no keyword of ours'}`);
    else if (keyword === '$ref') return this.reference(value, place);
    else if (keyword === '$defs' && !isRoot) this.tell(place, 'must stand at the top of the schema');
    else if (keyword === '$schema' && value !== SCHEMA_DRAFT) this.tell(place, `must be ${SCHEMA_DRAFT}`);
    else if (keyword === 'format' && !Object.hasOwn(GIVEN_FORMATS, String(value)))
      this.tell(place, `must be one of ${Object.keys(GIVEN_FORMATS).join(', ')}`);
    else if (keyword === 'pattern') this.pattern(String(value), place);
    else if (children === 'one') return this.visit(value, place);
    else if (children === 'list' || children === 'map')
      return Object.entries(value as object).reduce((size, [name, inner]) => {
        const inside = `${place}/${pointerToken(name)}`;
        if (keyword === 'patternProperties') this.pattern(name, inside);
        return size + this.visit(inner, inside);
      }, 0);
    return 0;
  }

  private reference(value: unknown, place: string): number {
    const [, name] = /^#\/\$defs\/([A-Za-z0-9_.-]+)$/.exec(String(value)) ?? [];
    if (name === undefined || !Object.hasOwn(this.definitions, name)) {
      this.tell(place, 'must be #/$defs/<name> of this schema');
      return 0;
    }
    const known = this.sizes.get(name);
    if (known === 'open') {
      this.tell(place, 'leads back to itself: definitions must not recur');
      return 0;
    }
    if (known !== undefined) return known;
    this.sizes.set(name, 'open');
    const size = this.visit(this.definitions[name], `/$defs/${name}`);
    this.sizes.set(name, size);
    return size;
  }

  private pattern(pattern: string, place: string): void {
    try {
      linearPattern(pattern);
    } catch (error) {
      this.tell(place, `is no pattern of RE2: ${(error as Error).message}`);
    }
  }

  private tell(pointer: string, message: string): void {
    if (!this.errors.some((error) => error.pointer === pointer)) this.errors.push({ pointer, message });
  }
}
