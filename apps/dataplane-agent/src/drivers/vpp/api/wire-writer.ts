import { CodedError } from '@signalbox/contracts';
import { addressBytes } from './address-bytes.js';
import type { ApiMessage } from './api-description.js';
import type { Fields, FieldValue } from './field-value.js';
import {
  type AddressForm,
  SCALAR_BYTES,
  type ScalarName,
  type WireField,
  type WireType,
} from './wire-type.js';

const encoder = new TextEncoder();

/** Families as VPP numbers them. */
const FAMILY = { ipv4: 0, ipv6: 1 } as const;

/** Least and most value of each integer; those of 64 bits are bounded by what 64 bits hold. */
const RANGES: Readonly<Partial<Record<ScalarName, readonly [least: bigint, most: bigint]>>> =
  Object.fromEntries(
    Object.entries(SCALAR_BYTES)
      .filter(([name]) => name !== 'bool' && name !== 'f64')
      .map(([name, bytes]) => {
        const bits = BigInt(bytes * 8);
        return [
          name,
          name.startsWith('u') ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n],
        ];
      }),
  );

/**
 * The bytes of a message: its number and its fields in the order of the description. A field that is not given is its default, else
 * zero. Throws `data-plane-refused` for a field that the message does not have, and for a value that does not fit, naming the field.
 */
export function encodeMessage(message: ApiMessage, id: number, fields: Fields): Buffer {
  const parts: Buffer[] = [Buffer.alloc(2)];
  parts[0]?.writeUInt16BE(id);
  writeBlock(message.name, message.fields, fields, parts);
  return Buffer.concat(parts);
}

function writeBlock(owner: string, block: readonly WireField[], given: Fields, parts: Buffer[]): void {
  const names = new Set(block.map((field) => field.name));
  for (const name of Object.keys(given))
    if (!names.has(name))
      throw refused(
        `${owner}.${name}`,
        `is no field of it in this VPP; it has ${[...names].join(', ') || 'none'}`,
      );
  for (const { name, type, default: preset } of block) {
    const value = given[name] ?? preset ?? countOf(name, block, given);
    write(`${owner}.${name}`, type, value, parts);
  }
}

/** How many elements the array has whose length the field is; undefined for a field that is no length. */
function countOf(name: string, block: readonly WireField[], given: Fields): number | undefined {
  const array = block.find((field) => field.type.kind === 'array' && field.type.lengthField === name);
  const value = array && given[array.name];
  return array === undefined
    ? undefined
    : Array.isArray(value) || value instanceof Uint8Array
      ? value.length
      : 0;
}

function write(where: string, type: WireType, value: FieldValue | undefined, parts: Buffer[]): void {
  switch (type.kind) {
    case 'scalar':
      parts.push(scalarBytes(where, type.scalar, value ?? 0));
      return;
    case 'enum':
      parts.push(scalarBytes(where, type.scalar, enumNumber(where, type.values, value ?? 0)));
      return;
    case 'fixed-text':
      parts.push(fixedText(where, type.bytes, value ?? ''));
      return;
    case 'text': {
      const bytes = textBytes(where, value ?? '');
      parts.push(scalarBytes(where, 'u32', bytes.length), bytes);
      return;
    }
    case 'fixed-array': {
      const elements = elementsOf(where, value, type.length);
      if (elements.length !== type.length)
        throw refused(where, `takes ${type.length} elements, not ${elements.length}`);
      for (const element of elements) write(where, type.of, element, parts);
      return;
    }
    case 'array':
      for (const element of elementsOf(where, value, 0)) write(where, type.of, element, parts);
      return;
    case 'struct':
      writeBlock(where, type.fields, objectOf(where, value ?? {}), parts);
      return;
    case 'union':
      parts.push(unionBytes(where, type.arms, type.bytes, value));
      return;
    case 'address':
      parts.push(addressForm(where, type.form, value));
      return;
  }
}

function scalarBytes(where: string, scalar: ScalarName, value: FieldValue): Buffer {
  const bytes = Buffer.alloc(SCALAR_BYTES[scalar]);
  if (scalar === 'bool') {
    if (typeof value !== 'boolean' && value !== 0) throw refused(where, 'takes true or false');
    bytes[0] = value ? 1 : 0;
  } else if (scalar === 'f64') {
    if (typeof value !== 'number') throw refused(where, 'takes a number');
    bytes.writeDoubleBE(value);
  } else {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isInteger(value)))
      throw refused(where, `takes a whole number, not ${JSON.stringify(String(value))}`);
    const [least, most] = RANGES[scalar] ?? [0n, 0n];
    let rest = BigInt(value);
    if (rest < least || rest > most) throw refused(where, `takes ${least} to ${most}, not ${value}`);
    for (let at = bytes.length - 1; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  }
  return bytes;
}

function enumNumber(where: string, values: ReadonlyMap<string, number>, value: FieldValue): FieldValue {
  if (typeof value !== 'string') return value;
  const number = values.get(value);
  if (number === undefined) throw refused(where, `takes ${[...values.keys()].join(', ')}, not ${value}`);
  return number;
}

function fixedText(where: string, length: number, value: FieldValue): Buffer {
  const text = textBytes(where, value);
  // the last byte is the zero that ends it
  if (text.length >= length)
    throw refused(where, `takes up to ${length - 1} bytes of text, not ${text.length}`);
  return Buffer.concat([text, Buffer.alloc(length - text.length)]);
}

function textBytes(where: string, value: FieldValue): Buffer {
  if (typeof value !== 'string' || value.includes('\0')) throw refused(where, 'takes text without zeros');
  return Buffer.from(encoder.encode(value));
}

function elementsOf(where: string, value: FieldValue | undefined, zeros: number): readonly FieldValue[] {
  if (value === undefined) return Array<FieldValue>(zeros).fill(0);
  if (value instanceof Uint8Array) return [...value];
  if (!Array.isArray(value)) throw refused(where, 'takes a list');
  return value as readonly FieldValue[];
}

function objectOf(where: string, value: FieldValue): Fields {
  if (typeof value !== 'object' || value instanceof Uint8Array || Array.isArray(value))
    throw refused(where, 'takes an object');
  return value as Fields;
}

/** Of a union one arm is given, or the bytes of all of it. */
function unionBytes(
  where: string,
  arms: readonly WireField[],
  length: number,
  value: FieldValue | undefined,
): Buffer {
  const whole = Buffer.alloc(length);
  if (value === undefined) return whole;
  if (value instanceof Uint8Array) {
    if (value.length !== length) throw refused(where, `takes ${length} bytes, not ${value.length}`);
    whole.set(value);
    return whole;
  }
  const given = Object.entries(objectOf(where, value));
  const arm = arms.find((candidate) => candidate.name === given[0]?.[0]);
  if (given.length !== 1 || arm === undefined)
    throw refused(where, `takes one of ${arms.map((candidate) => candidate.name).join(', ')}`);
  const parts: Buffer[] = [];
  write(`${where}.${arm.name}`, arm.type, given[0]?.[1], parts);
  whole.set(Buffer.concat(parts));
  return whole;
}

function addressForm(where: string, form: AddressForm, value: FieldValue | undefined): Buffer {
  if (value === undefined) return Buffer.alloc({ ip4: 4, ip6: 16, address: 17, prefix: 18 }[form]);
  const [text, length, more] = typeof value === 'string' ? value.split('/') : [];
  const bytes = addressBytes(text ?? '');
  if (bytes === undefined || more !== undefined || (length !== undefined) !== (form === 'prefix'))
    throw refused(
      where,
      `takes ${form === 'prefix' ? 'an address and a length, as 192.0.2.1/32' : 'an address'}, not ${String(value)}`,
    );
  if (form === 'ip4' || form === 'ip6') {
    if (bytes.length !== (form === 'ip4' ? 4 : 16))
      throw refused(where, `takes an address of the other family, not ${text}`);
    return Buffer.from(bytes);
  }
  const whole = Buffer.alloc(form === 'prefix' ? 18 : 17);
  whole[0] = bytes.length === 4 ? FAMILY.ipv4 : FAMILY.ipv6;
  // an IPv4 address lies in the first four of the sixteen bytes
  whole.set(bytes, 1);
  if (form === 'prefix') {
    if (!/^\d{1,3}$/.test(length ?? '') || Number(length) > bytes.length * 8)
      throw refused(where, `takes a length of up to ${bytes.length * 8} bits, not ${length}`);
    whole[17] = Number(length);
  }
  return whole;
}

function refused(where: string, what: string): CodedError {
  return new CodedError('data-plane-refused', `field ${where} of VPP's API ${what}`);
}
