import fc from 'fast-check';
import { type ApiMessage, describeApi } from './api-description.js';
import type { Fields, FieldValue } from './field-value.js';
import { SHIPPED_FILES, SHIPPED_MESSAGES } from './shipped-description.js';
import { decodeMessage } from './wire-reader.js';
import { encodeMessage } from './wire-writer.js';
import type { AddressForm, ScalarName, WireField, WireType } from './wire-type.js';

const MESSAGES = [...describeApi(SHIPPED_FILES, SHIPPED_MESSAGES).values()];

describe('what is written and read again', () => {
  it.each(MESSAGES.map((message) => [message.name, message] as const))('is the same: %s', (_, message) => {
    fc.assert(
      fc.property(block(message.fields), (fields) => {
        expect(decodeMessage(message, encodeMessage(message, 7, fields))).toEqual(fields);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for types that no message of ours has', () => {
    const fields: WireField[] = [
      ...(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f64', 'bool'] as const).map((scalar) => ({
        name: scalar,
        type: { kind: 'scalar', scalar } as const,
      })),
      { name: 'union', type: { kind: 'union', arms: [], bytes: 9 } },
      { name: 'pairs', type: { kind: 'fixed-array', of: { kind: 'scalar', scalar: 'u16' }, length: 2 } },
      { name: 'count', type: { kind: 'scalar', scalar: 'u32' } },
      { name: 'texts', type: { kind: 'array', of: { kind: 'text' }, lengthField: 'count' } },
    ];
    const message: ApiMessage = { name: 'all', crc: '00000000', fields };
    fc.assert(
      fc.property(block(fields), (values) => {
        expect(decodeMessage(message, encodeMessage(message, 1, values))).toEqual(values);
      }),
    );
  });
});

describe('bytes that are no message', () => {
  const DETAILS = named('lb_as_v2_details');
  const whole = encodeMessage(DETAILS, 3, {});

  it('are told from one where they end too early, at every length', () => {
    for (let length = 2; length < whole.length; length += 1)
      expect(() => decodeMessage(DETAILS, whole.subarray(0, length))).toThrow(
        /message lb_as_v2_details of VPP, of \d+ bytes, ends in/,
      );
  });

  it('are told from one where they go on', () => {
    expect(() => decodeMessage(DETAILS, Buffer.concat([whole, Buffer.from([0])]))).toThrow(
      /goes on for 1 bytes behind its last field/,
    );
  });

  it('may not claim more elements than they hold, nor take memory for them', () => {
    const reply = named('sockclnt_create_reply');
    const bytes = encodeMessage(reply, 16, { count: 0xffff });
    expect(() => decodeMessage(reply, bytes)).toThrow(
      /says 65535 elements of message_table, which 0 bytes cannot hold/,
    );
  });

  it('may not claim a text longer than they are', () => {
    const reply = named('cli_inband_reply');
    const bytes = encodeMessage(reply, 16, { reply: 'ok' });
    bytes.writeUInt32BE(0xffff_ffff, bytes.length - 6);
    expect(() => decodeMessage(reply, bytes)).toThrow(/4294967295 bytes are due and 2 are left/);
  });

  it('may be any, and end in an error or in fields', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGES),
        fc.uint8Array({ minLength: 2, maxLength: 300 }),
        (message, bytes) => {
          try {
            decodeMessage(message, Buffer.from(bytes));
          } catch (error) {
            expect(error).toHaveProperty('code', 'data-plane-refused');
          }
        },
      ),
    );
  });
});

describe('fields that do not fit', () => {
  it.each<[message: string, fields: Fields, said: RegExp]>([
    ['lb_as_set_weight', { weight: 256 }, /lb_as_set_weight.weight of VPP's API takes 0 to 255, not 256/],
    ['lb_as_set_weight', { weight: 1.5 }, /takes a whole number, not "1.5"/],
    [
      'lb_as_set_weight',
      { wieght: 1 },
      /lb_as_set_weight.wieght of VPP's API is no field of it in this VPP; it has .*weight/,
    ],
    ['lb_as_set_weight', { is_flush: 'yes' }, /takes true or false/],
    ['lb_as_set_weight', { as_address: '10.0.0.256' }, /takes an address, not 10.0.0.256/],
    ['lb_as_set_weight', { pfx: '192.0.2.1' }, /takes an address and a length, as 192.0.2.1\/32/],
    ['lb_as_set_weight', { pfx: '192.0.2.1/33' }, /takes a length of up to 32 bits, not 33/],
    ['lb_conf', { ip4_src_address: '2001:db8::1' }, /takes an address of the other family/],
    ['lb_add_del_vip_v2', { encap: 'GRE4' }, /takes LB_API_ENCAP_TYPE_GRE4, .*, not GRE4/],
    ['sockclnt_create', { name: 'x'.repeat(64) }, /takes up to 63 bytes of text, not 64/],
    ['cli_inband', { cmd: 'show\0clock' }, /takes text without zeros/],
  ])('are refused by their name: %s %j', (message, fields, said) => {
    expect(() => encodeMessage(named(message), 1, fields)).toThrow(said);
  });
});

function named(name: string): ApiMessage {
  const message = MESSAGES.find((candidate) => candidate.name === name);
  if (message === undefined) throw new Error(`no ${name}`);
  return message;
}

function block(fields: readonly WireField[]): fc.Arbitrary<Fields> {
  const lengths = new Set(fields.map(({ type }) => (type.kind === 'array' ? type.lengthField : undefined)));
  const values: Record<string, fc.Arbitrary<FieldValue>> = Object.fromEntries(
    fields.filter(({ name }) => !lengths.has(name)).map(({ name, type }) => [name, valueOf(type)]),
  );
  return fc.record(values).map((drawn) => {
    const counts: Record<string, FieldValue> = {};
    for (const { name, type } of fields) {
      const array: FieldValue | undefined = drawn[name];
      if (type.kind === 'array' && Array.isArray(array)) counts[type.lengthField] = array.length;
    }
    return { ...drawn, ...counts };
  });
}

function valueOf(type: WireType): fc.Arbitrary<FieldValue> {
  switch (type.kind) {
    case 'scalar':
      return scalarOf(type.scalar);
    case 'enum':
      return fc.constantFrom(...type.values.values());
    case 'fixed-text':
      return fc.string({ maxLength: type.bytes - 1 }).filter((text) => !text.includes('\0'));
    case 'text':
      return fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    case 'fixed-array':
      return fc.array(valueOf(type.of), { minLength: type.length, maxLength: type.length });
    case 'array':
      return fc.array(valueOf(type.of), { maxLength: 5 });
    case 'struct':
      return block(type.fields);
    case 'union':
      return fc
        .uint8Array({ minLength: type.bytes, maxLength: type.bytes })
        .map((bytes) => Uint8Array.from(bytes));
    case 'address':
      return addressOf(type.form);
  }
}

function scalarOf(scalar: ScalarName): fc.Arbitrary<FieldValue> {
  switch (scalar) {
    case 'bool':
      return fc.boolean();
    case 'f64':
      return fc.double({ noNaN: true });
    case 'u64':
      return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    case 'i64':
      return fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    case 'u8':
      return fc.integer({ min: 0, max: 0xff });
    case 'u16':
      return fc.integer({ min: 0, max: 0xffff });
    case 'u32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'i8':
      return fc.integer({ min: -0x80, max: 0x7f });
    case 'i16':
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case 'i32':
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
  }
}

function addressOf(form: AddressForm): fc.Arbitrary<string> {
  const v4 = fc.ipV4();
  const v6 = fc
    .array(fc.constantFrom('0', '0', '1', 'db8', 'ffff'), { minLength: 8, maxLength: 8 })
    .map((groups) => new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1));
  if (form === 'ip4') return v4;
  if (form === 'ip6') return v6;
  const any = fc.oneof(v4, v6);
  return form === 'address'
    ? any
    : any.chain((text) =>
        fc.integer({ min: 0, max: text.includes(':') ? 128 : 32 }).map((bits) => `${text}/${bits}`),
      );
}
