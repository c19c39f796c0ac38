/** An integer, a float or a bool of the wire; all big endian. */
export type ScalarName = 'u8' | 'u16' | 'u32' | 'u64' | 'i8' | 'i16' | 'i32' | 'i64' | 'f64' | 'bool';

/** How many bytes each takes. */
export const SCALAR_BYTES: Readonly<Record<ScalarName, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  f64: 8,
  bool: 1,
};

/** Types whose bytes are written as people write addresses. */
export type AddressForm = 'ip4' | 'ip6' | 'address' | 'prefix';

/** How a field lies on the wire, with all names of types resolved. */
export type WireType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName }
  /** An integer whose values have names. */
  | { readonly kind: 'enum'; readonly scalar: ScalarName; readonly values: ReadonlyMap<string, number> }
  /** Text of at most `bytes - 1` bytes, filled up with zeros. */
  | { readonly kind: 'fixed-text'; readonly bytes: number }
  /** Text behind its length, a u32. */
  | { readonly kind: 'text' }
  | { readonly kind: 'fixed-array'; readonly of: WireType; readonly length: number }
  /** As many as another field of the same block says. */
  | { readonly kind: 'array'; readonly of: WireType; readonly lengthField: string }
  | { readonly kind: 'struct'; readonly fields: readonly WireField[] }
  /** One of the arms, in as many bytes as the longest takes. */
  | { readonly kind: 'union'; readonly arms: readonly WireField[]; readonly bytes: number }
  | { readonly kind: 'address'; readonly form: AddressForm };

export interface WireField {
  readonly name: string;
  readonly type: WireType;
  /** What is sent when the caller does not say; VPP itself takes what comes, so that a zero would be a zero. */
  readonly default?: number | boolean;
}

/** Bytes of each address form: a family, an address and a length take one, 16 and one. */
export const ADDRESS_BYTES: Readonly<Record<AddressForm, number>> = {
  ip4: 4,
  ip6: 16,
  address: 17,
  prefix: 18,
};

/** The fewest bytes that a value of the type takes: a bound of how many fit into what came. */
export function leastBytes(type: WireType): number {
  switch (type.kind) {
    case 'scalar':
    case 'enum':
      return SCALAR_BYTES[type.scalar];
    case 'fixed-text':
      return type.bytes;
    case 'text':
      return 4;
    case 'fixed-array':
      return type.length * leastBytes(type.of);
    case 'array':
      return 0;
    case 'struct':
      return type.fields.reduce((sum, field) => sum + leastBytes(field.type), 0);
    case 'union':
      return type.bytes;
    case 'address':
      return ADDRESS_BYTES[type.form];
  }
}
