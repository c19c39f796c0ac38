import type { DnsRecordType } from '@signalbox/contracts';
import { BrokenResponse } from './broken-response.js';
import { nameBytes, NameReader } from './dns-name.js';
import { type DnsRecord, recordValue } from './dns-records.js';
import { DNS_TYPES } from './dns-types.js';

const INTERNET = 1;
const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x0100;
const IS_RESPONSE = 0x8000;
const IS_TRUNCATED = 0x0200;
const RCODE = 0x000f;

/** What a server said. */
export interface DnsResponse {
  readonly rcode: number;
  readonly isTruncated: boolean;
  /** Empty when the response is truncated: what is there of it is not all. */
  readonly records: readonly DnsRecord[];
}

/** A query for one name and type, with recursion. RFC 1035, section 4. */
export function queryBytes(id: number, name: string, type: DnsRecordType): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const question = Buffer.alloc(4);
  question.writeUInt16BE(DNS_TYPES[type], 0);
  question.writeUInt16BE(INTERNET, 2);
  return Buffer.concat([header, nameBytes(name), question]);
}

/**
 * Reads what answers `query`, undefined when these bytes answer another one: they are somebody else's. Throws
 * {@link BrokenResponse}.
 */
export function readResponse(bytes: Buffer, query: Buffer): DnsResponse | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== query.readUInt16BE(0)) return undefined;
  const flags = bytes.readUInt16BE(2);
  if ((flags & IS_RESPONSE) === 0) return undefined;
  const response = { rcode: flags & RCODE, isTruncated: (flags & IS_TRUNCATED) !== 0 };
  try {
    const names = new NameReader(bytes);
    const questions = bytes.readUInt16BE(4);
    let at = HEADER_BYTES;
    for (let n = 0; n < questions; n += 1) {
      const { name, end } = names.read(at);
      if (name.toLowerCase() !== new NameReader(query).read(HEADER_BYTES).name.toLowerCase())
        return undefined;
      at = end + 4;
    }
    const records: DnsRecord[] = [];
    if (response.isTruncated) return { ...response, records };
    const count = bytes.readUInt16BE(6);
    for (let n = 0; n < count; n += 1) {
      const { name, end } = names.read(at);
      const type = bytes.readUInt16BE(end);
      const length = bytes.readUInt16BE(end + 8);
      const start = end + 10;
      if (start + length > bytes.length) throw new RangeError('a record is cut off');
      const value = recordValue(type, names, start, length);
      if (bytes.readUInt16BE(end + 2) === INTERNET) records.push({ owner: name.toLowerCase(), type, value });
      at = start + length;
    }
    return { ...response, records };
  } catch (cause) {
    throw new BrokenResponse('the answer is broken', { cause });
  }
}
