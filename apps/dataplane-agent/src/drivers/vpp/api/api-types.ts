import { CodedError } from '@signalbox/contracts';
import type { ApiFile } from './api-description.js';
import {
  type AddressForm,
  leastBytes,
  SCALAR_BYTES,
  type ScalarName,
  type WireField,
  type WireType,
} from './wire-type.js';

/** Names whose bytes are an address, and what people write for it. An address with a prefix is another name of `prefix`. */
const ADDRESS_FORMS: Readonly<Record<string, AddressForm>> = {
  ip4_address: 'ip4',
  ip6_address: 'ip6',
  address: 'address',
  prefix: 'prefix',
};

/** Deepest nesting of types: those of VPP are four deep. */
const DEEPEST = 16;

/** The types of one `*.api.json`: resolves their names to how they lie on the wire. */
export class ApiTypes {
  private readonly resolved = new Map<string, WireType>();
  private readonly structs: ReadonlyMap<string, readonly unknown[]>;
  private readonly unions: ReadonlyMap<string, readonly unknown[]>;
  private readonly enums: ReadonlyMap<string, readonly unknown[]>;

  constructor(private readonly file: ApiFile) {
    this.structs = byName(file.types);
    this.unions = byName(file.unions);
    this.enums = byName([...(file.enums ?? []), ...(file.enumflags ?? [])]);
  }

  /** The fields of a block of the file. Throws `data-plane-refused` for what is no list of fields. */
  fieldsOf(owner: string, entries: readonly unknown[], depth = 0): WireField[] {
    return entries.map((entry) => this.field(owner, entry, depth));
  }

  private field(owner: string, entry: unknown, depth: number): WireField {
    if (!Array.isArray(entry)) throw refused(owner, 'a field that is no list');
    const [typeName, name, third, fourth] = entry as unknown[];
    if (typeof typeName !== 'string' || typeof name !== 'string')
      throw refused(owner, 'a field without type and name');
    const where = `${owner}.${name}`;
    if (typeof third !== 'number')
      return { name, type: this.named(where, typeName, depth), ...defaultOf(third) };
    if (typeName === 'string')
      return { name, type: third === 0 ? { kind: 'text' } : { kind: 'fixed-text', bytes: third } };
    const of = this.named(where, typeName, depth);
    if (typeof fourth === 'string') return { name, type: { kind: 'array', of, lengthField: fourth } };
    if (third === 0) throw refused(where, 'an array of no length');
    return { name, type: { kind: 'fixed-array', of, length: third } };
  }

  private named(where: string, typeName: string, depth: number): WireType {
    if (typeName in SCALAR_BYTES) return { kind: 'scalar', scalar: typeName as ScalarName };
    const name = /^vl_api_(\w+)_t$/.exec(typeName)?.[1] ?? typeName;
    const known = this.resolved.get(name);
    if (known !== undefined) return known;
    if (depth >= DEEPEST) throw refused(where, `types more than ${DEEPEST} deep`);
    const type = this.resolve(where, name, depth + 1);
    this.resolved.set(name, type);
    return type;
  }

  /** The family took four bytes before VPP 20.05. */
  private address(where: string, form: AddressForm): WireType {
    const family = this.enums.get('address_family');
    if (family !== undefined && scalarOf('address_family', family) !== 'u8')
      throw refused(where, 'an address whose family has more than one byte');
    return { kind: 'address', form };
  }

  private resolve(where: string, name: string, depth: number): WireType {
    const form = ADDRESS_FORMS[name];
    if (form !== undefined) return this.address(where, form);
    const struct = this.structs.get(name);
    if (struct !== undefined) return { kind: 'struct', fields: this.fieldsOf(name, struct, depth) };
    const union = this.unions.get(name);
    if (union !== undefined) {
      const arms = this.fieldsOf(name, union, depth);
      return { kind: 'union', arms, bytes: Math.max(0, ...arms.map((arm) => leastBytes(arm.type))) };
    }
    const values = this.enums.get(name);
    if (values !== undefined) return enumOf(name, values);
    const alias = this.file.aliases?.[name];
    if (alias === undefined) throw refused(where, `type ${name}, which the file does not have`);
    const of = this.named(where, alias.type, depth);
    return alias.length === undefined ? of : { kind: 'fixed-array', of, length: alias.length };
  }
}

function enumOf(name: string, entries: readonly unknown[]): WireType {
  const values = new Map<string, number>();
  for (const entry of entries) if (Array.isArray(entry)) values.set(String(entry[0]), Number(entry[1]));
  return { kind: 'enum', scalar: scalarOf(name, entries), values };
}

/** What the values of an enum are on the wire. */
function scalarOf(name: string, entries: readonly unknown[]): ScalarName {
  const last = entries.at(-1);
  const scalar =
    typeof last === 'object' && last !== null && 'enumtype' in last ? String(last.enumtype) : 'u32';
  if (!(scalar in SCALAR_BYTES)) throw refused(name, `an enum of ${scalar}`);
  return scalar as ScalarName;
}

function defaultOf(options: unknown): { readonly default?: number | boolean } {
  const value =
    typeof options === 'object' && options !== null && 'default' in options ? options.default : undefined;
  return typeof value === 'number' || typeof value === 'boolean' ? { default: value } : {};
}

function byName(
  entries: readonly (readonly unknown[])[] | undefined,
): ReadonlyMap<string, readonly unknown[]> {
  return new Map((entries ?? []).map(([name, ...rest]) => [String(name), rest]));
}

function refused(where: string, what: string): CodedError {
  return new CodedError('data-plane-refused', `the description of VPP's API is not one: ${where} is ${what}`);
}
