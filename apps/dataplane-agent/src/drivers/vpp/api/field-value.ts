/**
 * What a field of a message holds, on our side of the wire. Integers up to 32 bits and enums are numbers (an enum may be given by
 * its name), 64 bits are bigint, `u8[n]` is bytes, `string` is text, and addresses are what people write: `address`, `ip4_address`
 * and `ip6_address` are `192.0.2.1` or `2001:db8::1`, `prefix` and `address_with_prefix` have `/32` behind it.
 */
export type FieldValue =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly FieldValue[]
  | { readonly [field: string]: FieldValue };

/** The fields of a message by name, without its number, `client_index` and `context`. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** A message that came, by the name that the description gives it. */
export interface Reply {
  readonly message: string;
  readonly fields: Fields;
}
