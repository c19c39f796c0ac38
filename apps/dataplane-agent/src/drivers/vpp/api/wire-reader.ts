import { CodedError } from '@signalbox/contracts';
import { addressText } from './address-bytes.js';
import type { ApiMessage } from './api-description.js';
import type { Fields, FieldValue } from './field-value.js';
import {
  type AddressForm,
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
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  take(length: number, field: string): Buffer {
    if (this.left() < length)
      throw this.broken(`ends in ${field}: ${length} bytes are due and ${this.left()} are left`);
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
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
      return untilZero(cursor.take(cursor.take(4, name).readUInt32BE(), name));
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
  const bytes = cursor.take(SCALAR_BYTES[scalar], name);
  switch (scalar) {
    case 'bool':
      return bytes[0] !== 0;
    case 'f64':
      return bytes.readDoubleBE();
    case 'u64':
      return bytes.readBigUInt64BE();
    case 'i64':
      return bytes.readBigInt64BE();
    case 'i8':
    case 'i16':
    case 'i32':
      return bytes.readIntBE(0, bytes.length);
    case 'u8':
    case 'u16':
    case 'u32':
      return bytes.readUIntBE(0, bytes.length);
  }
}

function readAddress(name: string, form: AddressForm, cursor: Cursor): string {
  if (form === 'ip4') return addressText(cursor.take(4, name));
  if (form === 'ip6') return addressText(cursor.take(16, name));
  const family = cursor.take(1, name)[0];
  const union = cursor.take(16, name);
  if (family !== 0 && family !== 1) throw cursor.broken(`has family ${family} in ${name}`);
  const text = addressText(family === 0 ? union.subarray(0, 4) : union);
  return form === 'address' ? text : `${text}/${cursor.take(1, name)[0]}`;
}

function untilZero(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  return bytes.toString('utf8', 0, zero < 0 ? bytes.length : zero);
}
