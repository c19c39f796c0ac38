/** A JSON Schema as the OpenAPI document has it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, object>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One request as it is sent. `template`: the path of the document. */
export interface GeneratedRequest {
  readonly method: string;
  readonly template: string;
  readonly operation: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Seeded and small: the same seed gives the same requests. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HOSTILE: readonly unknown[] = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '%00',
    '%',
    '../../etc/passwd',
    "'; drop table facts; --",
    '${jndi:ldap://x}',
  ],
  ...['__proto__', 'constructor', 'toString', 'a'.repeat(5000), '\u202e\u200b', '漢字', '-1', '1e999', 'NaN'],
  ...[null, true, -1, 0, 1.5, 1e308, 2 ** 53, [], {}, [[[[]]]], { __proto__: 1 }, { a: { b: [null] } }],
];
/** Deeper than a schema that holds itself is followed. */
const DEEPEST = 6;

/** Makes requests from the document: valid by its schemas, or changed in one place or several so that they hardly are. */
export class RequestGenerator {
  constructor(
    private readonly document: OpenApi,
    private readonly random: () => number,
    /** Values that lead to something, by the name of a parameter or a member. */
    private readonly known: Readonly<Record<string, readonly string[]>>,
  ) {}

  of(template: string, method: string, operation: Operation): GeneratedRequest {
    const isMutated = this.chance(0.6);
    const parameters = (operation.parameters ?? []).filter(
      ({ in: place, required }) => place === 'path' || required === true || this.chance(0.4),
    );
    let path = template;
    const query: string[] = [];
    const headers: Record<string, string> = {};
    for (const parameter of parameters) {
      const text = this.textOf(parameter, isMutated && this.chance(0.3));
      if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encoded(text) || '%20');
      else if (parameter.in === 'query') query.push(`${parameter.name}=${encoded(text)}`);
      else headers[parameter.name.toLowerCase()] = text.replace(/[^\x21-\x7e]/g, 'x') || 'x';
    }
    if (isMutated && this.chance(0.15))
      query.push(
        `${this.pick(['x', '__proto__', 'limit', 'project', 'after'])}=${encoded(String(this.pick(HOSTILE)))}`,
      );
    const body = this.bodyOf(operation, isMutated, headers);
    return {
      ...{ method: method.toUpperCase(), template, operation, headers },
      path: query.length > 0 ? `${path}?${query.join('&')}` : path,
      ...(body !== undefined && { body }),
    };
  }

  private bodyOf(
    operation: Operation,
    isMutated: boolean,
    headers: Record<string, string>,
  ): string | undefined {
    const [type, content] = this.pick(Object.entries(operation.requestBody?.content ?? {})) ?? [];
    if (type === undefined || content === undefined) return undefined;
    headers['content-type'] = isMutated && this.chance(0.05) ? 'application/xml' : type;
    let value = this.valueOf(content.schema, 0);
    if (isMutated) value = this.mutated(value);
    const text = typeof value === 'string' && !type.includes('json') ? value : (JSON.stringify(value) ?? '');
    if (!isMutated || this.chance(0.85)) return text;
    return this.pick([
      text.slice(0, Math.floor(text.length * this.random())),
      `${text}x`,
      '['.repeat(1000) + ']'.repeat(1000),
      `{"a":1,"a":2}`,
      '',
    ]);
  }

  /** A value with a hostile one in some place of it, or with a member too many or too few. */
  private mutated(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.chance(0.2)) return this.pick(HOSTILE);
    if (Array.isArray(value))
      return value.length === 0
        ? [this.pick(HOSTILE)]
        : value.map((item) => (this.chance(0.5) ? this.mutated(item) : (item as unknown)));
    const entries = Object.entries(value);
    const at = this.pick(entries)?.[0];
    const changed = entries
      .filter(([name]) => name !== at || this.chance(0.8))
      .map(([name, member]) => [name, name === at ? this.mutated(member) : (member as unknown)]);
    if (this.chance(0.2))
      changed.push([this.pick(['x', 'toString', 'status', 'constructor']), this.pick(HOSTILE)]);
    return Object.fromEntries(changed);
  }

  private textOf({ name, schema = {} }: Parameter, isHostile: boolean): string {
    const value = isHostile ? this.pick(HOSTILE) : this.named(name, schema, 0);
    return typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value);
  }

  private named(name: string, schema: Schema, depth: number): unknown {
    const known = this.known[name];
    return known && (known.length === 1 || this.chance(0.8)) ? this.pick(known) : this.valueOf(schema, depth);
  }

  private valueOf(given: Schema, depth: number): unknown {
    const schema =
      given.$ref === undefined
        ? given
        : (this.document.components.schemas[given.$ref.split('/').at(-1)!] ?? {});
    const choice = schema.oneOf ?? schema.anyOf;
    if (choice) return this.valueOf(this.pick(choice) ?? {}, depth + 1);
    if (schema.allOf)
      return Object.assign({}, ...schema.allOf.map((one) => this.valueOf(one, depth + 1))) as unknown;
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return this.pick(schema.enum);
    if (schema.example !== undefined && this.chance(0.5)) return schema.example;
    switch (Array.isArray(schema.type) ? this.pick(schema.type as string[]) : schema.type) {
      case 'object':
        return this.objectOf(schema, depth);
      case 'array':
        return depth > DEEPEST
          ? []
          : Array.from({ length: Math.floor(this.random() * 3) }, () =>
              this.valueOf(schema.items ?? {}, depth + 1),
            );
      case 'integer':
      case 'number':
        return Math.floor(
          (schema.minimum ?? 0) +
            this.random() * Math.min(100, (schema.maximum ?? 100) - (schema.minimum ?? 0)),
        );
      case 'boolean':
        return this.chance(0.5);
      case 'null':
        return null;
      default:
        return this.pick([
          'a',
          'default',
          'edge',
          '10.0.0.7',
          '1s',
          '80',
          'http',
          'a.b.c',
          `n${Math.floor(this.random() * 1000)}`,
        ]);
    }
  }

  private objectOf({ properties = {}, required = [] }: Schema, depth: number): object {
    const members = Object.entries(properties).filter(
      ([name]) => required.includes(name) || (depth < DEEPEST && this.chance(0.4)),
    );
    return Object.fromEntries(members.map(([name, schema]) => [name, this.named(name, schema, depth + 1)]));
  }

  private pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }
}

/** Percent-encoded, also what is no text at all. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
}
