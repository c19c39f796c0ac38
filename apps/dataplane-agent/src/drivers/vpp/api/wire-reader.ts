import { CodedError } from '@signalbox/contracts';
import { ipv4Text, ipv6Text } from './address-bytes.js';
import type { ApiMessage } from './api-description.js';
import type { Fields, FieldValue } from './field-value.js';
import {
  type AddressForm,
  ADDRESS_BYTES,
  leastBytes,
  SCALAR_BYTES,
  type ScalarName,
  type WireField,
  type WireType,
} from './wire-type.js';

/** Bytes that say the number of a message. */
const ID_BYTES = 2;

/** The number of a message that came. */
export function messageId(bytes: Buffer): number {
  return bytes.readUInt16BE();
}

/**
 * The fields of a message that came, its bytes with the number in front. Throws `data-plane-refused` for bytes that end too early, go on
 * too long, or name more elements than they hold: they are of another description, and nothing of them can be trusted.
 */
export function decodeMessage(message: ApiMessage, bytes: Buffer): Fields {
  const cursor = new Cursor(message.name, bytes, ID_BYTES);
  const fields = readBlock(message.fields, cursor);
  cursor.end();
  return fields;
}

/** Where reading stands in the bytes of one message. */
class Cursor {
  constructor(
    private readonly message: string,
    readonly bytes: Buffer,
    private at: number,
  ) {}

  /** Where a field of so many bytes begins; reading goes on behind it. */
  pass(length: number, field: string): number {
    if (this.left() < length)
      throw this.broken(`ends in ${field}: ${length} bytes are due and ${this.left()} are left`);
    const from = this.at;
    this.at += length;
    return from;
  }

  take(length: number, field: string): Buffer {
    const from = this.pass(length, field);
    return this.bytes.subarray(from, from + length);
  }

  left(): number {
    return this.bytes.length - this.at;
  }

  end(): void {
    if (this.left() > 0) throw this.broken(`goes on for ${this.left()} bytes behind its last field`);
  }

  broken(what: string): CodedError {
    return new CodedError(
      'data-plane-refused',
      `message ${this.message} of VPP, of ${this.bytes.length} bytes, ${what}: it is not as the description has it`,
    );
  }
}

function readBlock(block: readonly WireField[], cursor: Cursor): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const { name, type } of block)
    fields[name] = type.kind === 'array' ? readArray(name, type, fields, cursor) : read(name, type, cursor);
  return fields;
}

function read(name: string, type: Exclude<WireType, { kind: 'array' }>, cursor: Cursor): FieldValue {
  switch (type.kind) {
    case 'scalar':
    case 'enum':
      return readScalar(name, type.scalar, cursor);
    case 'fixed-text':
      return untilZero(cursor.take(type.bytes, name));
    case 'text':
      return untilZero(cursor.take(cursor.bytes.readUInt32BE(cursor.pass(4, name)), name));
    case 'fixed-array':
      return readElements(name, type.of, type.length, cursor);
    case 'struct':
      return readBlock(type.fields, cursor);
    case 'union':
      return Uint8Array.from(cursor.take(type.bytes, name));
    case 'address':
      return readAddress(name, type.form, cursor);
  }
}

function readArray(
  name: string,
  type: WireType & { kind: 'array' },
  before: Fields,
  cursor: Cursor,
): FieldValue {
  const count = before[type.lengthField];
  if (typeof count !== 'number' || count < 0) throw cursor.broken(`has no length for ${name}`);
  if (count * Math.max(1, leastBytes(type.of)) > cursor.left())
    throw cursor.broken(`says ${count} elements of ${name}, which ${cursor.left()} bytes cannot hold`);
  return readElements(name, type.of, count, cursor);
}

function readElements(name: string, of: WireType, count: number, cursor: Cursor): FieldValue {
  if (of.kind === 'scalar' && of.scalar === 'u8') return Uint8Array.from(cursor.take(count, name));
  if (of.kind === 'array') throw cursor.broken(`has an array of arrays in ${name}`);
  return Array.from({ length: count }, () => read(name, of, cursor));
}

function readScalar(name: string, scalar: ScalarName, cursor: Cursor): FieldValue {
  const at = cursor.pass(SCALAR_BYTES[scalar], name);
  const { bytes } = cursor;
  switch (scalar) {
    case 'bool':
      return bytes[at] !== 0;
    case 'u8':
      return bytes.readUInt8(at);
    case 'u16':
      return bytes.readUInt16BE(at);
    case 'u32':
      return bytes.readUInt32BE(at);
    case 'u64':
      return bytes.readBigUInt64BE(at);
    case 'i8':
      return bytes.readInt8(at);
    case 'i16':
      return bytes.readInt16BE(at);
    case 'i32':
      return bytes.readInt32BE(at);
    case 'i64':
      return bytes.readBigInt64BE(at);
    case 'f64':
      return bytes.readDoubleBE(at);
  }
}

function readAddress(name: string, form: AddressForm, cursor: Cursor): string {
  const { bytes } = cursor;
  const at = cursor.pass(ADDRESS_BYTES[form], name);
  if (form === 'ip4') return ipv4Text(bytes, at);
  if (form === 'ip6') return ipv6Text(bytes, at);
  const family = bytes[at];
  if (family !== 0 && family !== 1) throw cursor.broken(`has family ${family} in ${name}`);
  const text = family === 0 ? ipv4Text(bytes, at + 1) : ipv6Text(bytes, at + 1);
  return form === 'address' ? text : `${text}/${bytes[at + 17]}`;
}

function untilZero(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  return bytes.toString('utf8', 0, zero < 0 ? bytes.length : zero);
}
