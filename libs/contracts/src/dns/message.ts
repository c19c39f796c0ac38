import type { DnsRecordType } from '../kinds/balance/specs.js';
import { nameBytes, NameReader } from './name.js';
import { type DnsRecord, recordValue } from './records.js';
import { DNS_TYPES, OPT } from './types.js';

const INTERNET = 1;
const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x0100;
const IS_RESPONSE = 0x8000;
const IS_TRUNCATED = 0x0200;
const RCODE = 0x000f;
/** A TTL with its first bit set counts as 0. RFC 2181, section 8. */
const MAX_TTL = 0x7fffffff;

/** What came is not a response; the message says why. */
export class BrokenDnsMessage extends Error {}

/** What a server said. */
export interface DnsResponse {
  readonly rcode: number;
  readonly isTruncated: boolean;
  /** The answer. Empty when the response is truncated: what is there of it is not all. */
  readonly records: readonly DnsRecord[];
  /** About zones: of a negative answer its SOA, which says how long it holds. RFC 2308. */
  readonly authority: readonly DnsRecord[];
  /** What whoever asked is likely to ask for next; nobody asked for it, and it need not be whole. */
  readonly additional: readonly DnsRecord[];
}

/**
 * A query for one name and type, with recursion. RFC 1035, section 4. With `payloadBytes` it says by EDNS how large a
 * datagram of an answer may be (RFC 6891, section 6.2.3); without, that is 512 bytes.
 */
export function queryBytes(id: number, name: string, type: DnsRecordType, payloadBytes?: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const question = Buffer.alloc(4);
  question.writeUInt16BE(DNS_TYPES[type], 0);
  question.writeUInt16BE(INTERNET, 2);
  if (payloadBytes === undefined) return Buffer.concat([header, nameBytes(name), question]);
  header.writeUInt16BE(1, 10);
  return Buffer.concat([header, nameBytes(name), question, optBytes(payloadBytes)]);
}

/** The root as owner, then type, size, and an extended RCODE, version, flags and data of nothing. */
function optBytes(payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(11);
  bytes.writeUInt16BE(OPT, 1);
  bytes.writeUInt16BE(payloadBytes, 3);
  return bytes;
}

/**
 * Reads what answers `query`, undefined when these bytes answer another one: they are somebody else's. Throws
 * {@link BrokenDnsMessage}.
 */
export function readResponse(bytes: Buffer, query: Buffer): DnsResponse | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== query.readUInt16BE(0)) return undefined;
  const flags = bytes.readUInt16BE(2);
  if ((flags & IS_RESPONSE) === 0) return undefined;
  const [rcode, isTruncated] = [flags & RCODE, (flags & IS_TRUNCATED) !== 0];
  try {
    const names = new NameReader(bytes);
    const start = endOfQuestions(names, query, rcode);
    if (start === undefined) return undefined;
    if (isTruncated) return { rcode, isTruncated, records: [], authority: [], additional: [] };
    const sections = new SectionReader(names, start);
    const [records, authority, additional] = [6, 8, 10].map((count) =>
      sections.read(bytes.readUInt16BE(count)),
    );
    const response = { records: records ?? [], authority: authority ?? [], additional: additional ?? [] };
    return { rcode: (sections.extendedRcode << 4) | rcode, isTruncated, ...response };
  } catch (cause) {
    throw new BrokenDnsMessage('the answer is broken', { cause });
  }
}

/**
 * Where the questions end; undefined when they are not that of the query. A server that could not read a query may send
 * none back.
 */
function endOfQuestions(names: NameReader, query: Buffer, rcode: number): number | undefined {
  const count = names.bytes.readUInt16BE(4);
  if (count === 0) return rcode === 0 ? undefined : HEADER_BYTES;
  const asked = new NameReader(query).read(HEADER_BYTES);
  const { name, end } = names.read(HEADER_BYTES);
  const isOurs =
    count === 1 &&
    name.toLowerCase() === asked.name.toLowerCase() &&
    names.bytes.readUInt32BE(end) === query.readUInt32BE(asked.end);
  return isOurs ? end + 4 : undefined;
}

/** Reads the records of one section after another. */
class SectionReader {
  /** The upper bits of the RCODE, which an OPT record has. RFC 6891, section 6.1.3. */
  extendedRcode = 0;

  constructor(
    private readonly names: NameReader,
    private at: number,
  ) {}

  /** Throws RangeError. */
  read(count: number): DnsRecord[] {
    const records: DnsRecord[] = [];
    for (let n = 0; n < count; n += 1) records.push(...this.next());
    return records;
  }

  private next(): DnsRecord[] {
    const { bytes } = this.names;
    const { name, end } = this.names.read(this.at);
    const type = bytes.readUInt16BE(end);
    const ttl = bytes.readUInt32BE(end + 4);
    const length = bytes.readUInt16BE(end + 8);
    const start = end + 10;
    if (start + length > bytes.length) throw new RangeError('a record is cut off');
    this.at = start + length;
    if (type === OPT) this.extendedRcode = ttl >>> 24;
    if (bytes.readUInt16BE(end + 2) !== INTERNET || type === OPT) return [];
    const value = recordValue(type, this.names, start, length);
    return [{ owner: name.toLowerCase(), type, ttl: ttl > MAX_TTL ? 0 : ttl, value }];
  }
}
