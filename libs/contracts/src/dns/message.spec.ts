import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenDnsMessage, queryBytes, readResponse } from './message.js';
import { nameBytes } from './name.js';
import { type DnsRecord, recordsOf } from './records.js';
import { DNS_TYPES, rcodeText } from './types.js';

const NAME = 'www.example.com';
const QUERY = queryBytes(0x1234, NAME, 'A');
const HEADER_BYTES = 12;

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, at) => bytes.writeUInt16BE(value, 2 * at));
  return bytes;
}

function record(owner: string, type: number, ttl: number, data: Buffer, ofClass = 1): Buffer {
  const head = [u16(type, ofClass, ttl >>> 16, ttl & 0xffff, data.length), data];
  return Buffer.concat([nameBytes(owner), ...head]);
}

const A = record(NAME, 1, 60, Buffer.from([192, 0, 2, 1]));

/** A response to QUERY; `counts` are of its three sections. */
function response(sections: Buffer[], counts: number[], flags = 0x8180, question = QUERY): Buffer {
  const header = Buffer.concat([QUERY.subarray(0, 2), u16(flags, 1, ...counts)]);
  return Buffer.concat([header, question.subarray(HEADER_BYTES), ...sections]);
}

describe('a query', () => {
  it('asks one question, with recursion', () => {
    const name = Buffer.from('\x03www\x07example\x03com\x00', 'latin1');
    expect(QUERY).toEqual(Buffer.concat([u16(0x1234, 0x0100, 1, 0, 0, 0), name, u16(1, 1)]));
  });

  it('says by EDNS how large an answer may be', () => {
    const query = queryBytes(7, NAME, 'SRV', 1232);
    expect(query.readUInt16BE(10)).toBe(1);
    expect(query.subarray(-11)).toEqual(Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]));
  });
});

describe('a response', () => {
  it('has three sections, each record with its TTL', () => {
    const soa = Buffer.concat([nameBytes('ns.example.com'), nameBytes('a.example.com'), Buffer.alloc(20)]);
    const sections = [A, record('example.com', 6, 900, soa), record('DB.example.com', 1, 5, Buffer.alloc(4))];
    expect(readResponse(response(sections, [1, 1, 1]), QUERY)).toEqual({
      rcode: 0,
      isTruncated: false,
      records: [{ owner: NAME, type: 1, ttl: 60, value: '192.0.2.1' }],
      authority: [
        { owner: 'example.com', type: 6, ttl: 900, value: 'ns.example.com a.example.com 0 0 0 0 0' },
      ],
      additional: [{ owner: 'db.example.com', type: 1, ttl: 5, value: '0.0.0.0' }],
    });
  });

  it('that is truncated says nothing else', () => {
    const cut = response([A.subarray(0, 20)], [1, 0, 0], 0x8380);
    const nothing = { records: [], authority: [], additional: [] };
    expect(readResponse(cut, QUERY)).toEqual({ rcode: 0, isTruncated: true, ...nothing });
  });

  it('has the upper bits of its RCODE in the record of EDNS, which is none of a zone', () => {
    const opt = record('.', 41, 0x01000000, Buffer.alloc(0), 1232);
    const read = readResponse(response([opt], [0, 0, 1]), QUERY);
    expect(read).toMatchObject({ rcode: 16, additional: [] });
    expect([16, 3, 9].map(rcodeText)).toEqual(['BADVERS', 'NXDOMAIN', 'RCODE 9']);
  });

  it('counts a TTL that is too long as none, and records of other networks not at all', () => {
    const long = record(NAME, 1, 0x80000001, Buffer.alloc(4));
    const chaos = record(NAME, 1, 60, Buffer.from([1]), 3);
    const read = readResponse(response([long, chaos], [2, 0, 0]), QUERY);
    expect(read?.records).toEqual([{ owner: NAME, type: 1, ttl: 0, value: '0.0.0.0' }]);
  });

  it.each<[string, Buffer]>([
    ['of another id', Buffer.concat([u16(0x4321), response([A], [1, 0, 0]).subarray(2)])],
    ['that is a query', response([A], [1, 0, 0], 0x0100)],
    ['to another name', response([A], [1, 0, 0], 0x8180, queryBytes(0x1234, 'www.example.net', 'A'))],
    ['to another type', response([A], [1, 0, 0], 0x8180, queryBytes(0x1234, NAME, 'AAAA'))],
    ['without a question', Buffer.concat([u16(0x1234, 0x8180, 0, 1, 0, 0), A])],
    ['that ends in its header', u16(0x1234, 0x8180)],
  ])("%s is somebody else's", (_what, bytes) => {
    expect(readResponse(bytes, QUERY)).toBeUndefined();
  });

  it('of a server that could not read the question needs none', () => {
    expect(readResponse(u16(0x1234, 0x8181, 0, 0, 0, 0), QUERY)).toMatchObject({ rcode: 1 });
  });

  it('to a name in other letters is ours', () => {
    const loud = queryBytes(0x1234, NAME.toUpperCase(), 'A');
    expect(readResponse(response([A], [1, 0, 0], 0x8180, loud), QUERY)?.records).toHaveLength(1);
  });

  it.each<[string, Buffer[], number[]]>([
    ['ends early', [A.subarray(0, -1)], [1, 0, 0]],
    ['has fewer records than it says', [A], [2, 0, 0]],
    ['is broken behind its answer', [A, A.subarray(0, -1)], [1, 0, 1]],
  ])('that %s is broken', (_what, sections, counts) => {
    expect(() => readResponse(response(sections, counts), QUERY)).toThrow(BrokenDnsMessage);
  });

  it('with a name of pointers to pointers is broken', () => {
    const question = QUERY.subarray(HEADER_BYTES);
    const first = HEADER_BYTES + question.length;
    const pointers = (count: number): Buffer =>
      Buffer.concat(
        Array.from({ length: count }, (_, n) => u16(0xc000 | (n === 0 ? 12 : first + 10 + 2 * n))),
      );
    // data of a type nobody asks for, then a record whose owner is the last pointer
    const chain = (count: number): Buffer => {
      const filler = Buffer.concat([u16(0xc00c, 99, 1, 0, 0, 2 * count), pointers(count)]);
      const owner = u16(0xc000 | (first + 12 + 2 * (count - 1)));
      return response([filler, Buffer.concat([owner, A.subarray(nameBytes(NAME).length)])], [2, 0, 0]);
    };
    expect(readResponse(chain(100), QUERY)?.records[1]?.owner).toBe(NAME);
    expect(() => readResponse(chain(200), QUERY)).toThrow(BrokenDnsMessage);
  });

  it("is read, is somebody else's or is broken, whatever comes", () => {
    const whole = response([A, A], [1, 0, 1]);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
      maxLength: 8,
    });
    const mutated = fc.tuple(changes, fc.nat(whole.length)).map(([bytes, end]) => {
      const copy = Buffer.from(whole);
      for (const [at, byte] of bytes) copy[at] = byte;
      return copy.subarray(0, end);
    });
    fc.assert(
      fc.property(mutated, (bytes) => {
        try {
          readResponse(bytes, QUERY);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenDnsMessage);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('records of an answer', () => {
  const alias = (owner: string, value: string, ttl: number): DnsRecord => ({
    owner,
    type: DNS_TYPES.CNAME,
    ttl,
    value,
  });
  const address = (owner: string, value: string, ttl: number): DnsRecord => ({
    owner,
    type: DNS_TYPES.A,
    ttl,
    value,
  });

  it('are kept for the shortest TTL that led to them', () => {
    const answer = [
      alias('a', 'b', 30),
      alias('b', 'c', 20),
      address('c', '192.0.2.1', 60),
      address('d', '192.0.2.2', 1),
    ];
    expect(recordsOf('A.', 'A', answer)).toEqual({ values: ['192.0.2.1'], alias: 'c', ttl: 20 });
    expect(recordsOf('c', 'A', answer)).toEqual({ values: ['192.0.2.1'], ttl: 60 });
  });

  it('may end in an alias, or in a circle of them', () => {
    expect(recordsOf('a', 'A', [alias('a', 'b', 30)])).toEqual({ values: [], alias: 'b', ttl: 30 });
    expect(recordsOf('a', 'A', [alias('a', 'b', 30), alias('b', 'a', 10)]).values).toEqual([]);
    expect(recordsOf('a', 'A', [])).toEqual({ values: [] });
  });
});
