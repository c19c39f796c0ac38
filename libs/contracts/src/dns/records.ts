import { dnsValue } from '../kinds/balance/dns-value.js';
import type { DnsRecordType } from '../kinds/balance/specs.js';
import type { NameReader } from './name.js';
import { DNS_TYPES } from './types.js';

/** One record of an answer. */
export interface DnsRecord {
  /** Its owner, in lower case without the final dot. */
  readonly owner: string;
  readonly type: number;
  /** How long it may be kept. Seconds. */
  readonly ttl: number;
  /** As zone files write it; undefined for types that nobody asks for. */
  readonly value: string | undefined;
}

/** The addresses and names of an answer that are of use to whoever asked. */
export interface FoundRecords {
  /** Values of the records of the type, in the spelling of the server. */
  readonly values: readonly string[];
  /** Where the aliases of the answer lead to; undefined when there are none. */
  readonly alias?: string;
  /** The shortest of all that led to the values: of the aliases too. Seconds; undefined when nothing was found at all. */
  readonly ttl?: number;
}

/**
 * The records of a type at the name that was asked for, or at the end of the aliases (CNAME) that lead from it within
 * the answer. Other records of the answer answer something else. RFC 1034, section 4.3.2.
 */
export function recordsOf(name: string, type: DnsRecordType, records: readonly DnsRecord[]): FoundRecords {
  let owner = dnsValue('CNAME', name) ?? name.toLowerCase();
  const visited = new Set<string>();
  let shortest = Infinity;
  for (;;) {
    const at = records.filter((record) => record.owner === owner);
    const ofType = at.filter((record) => record.type === DNS_TYPES[type]);
    const values = ofType.flatMap(({ value }) => value ?? []);
    const alias = at.find((record) => record.type === DNS_TYPES.CNAME);
    const next = alias?.value?.toLowerCase();
    visited.add(owner);
    const isEnd = values.length > 0 || next === undefined || visited.has(next);
    shortest = Math.min(shortest, ...(isEnd ? ofType : [alias!]).map(({ ttl }) => ttl));
    if (isEnd)
      return {
        values,
        ...(visited.size > 1 && { alias: owner }),
        ...(shortest !== Infinity && { ttl: shortest }),
      };
    owner = next;
  }
}

/**
 * The value of a record as zone files write it (RFC 1035 section 5, RFC 2782), names without the last dot:
 * `10 mail.example.com`. The strings of one TXT record are joined. Undefined for a type that nobody asks for; throws
 * RangeError when the data is not of its type.
 */
export function recordValue(
  type: number,
  names: NameReader,
  start: number,
  length: number,
): string | undefined {
  const { bytes } = names;
  const end = start + length;
  const nameAt = (at: number): string => {
    const { name, end: nameEnd } = names.read(at);
    if (nameEnd !== end) throw new RangeError('a record is longer than its data');
    return name;
  };
  switch (type) {
    case DNS_TYPES.A:
      return [...sized(bytes.subarray(start, end), 4)].join('.');
    case DNS_TYPES.AAAA: {
      const groups = sized(bytes.subarray(start, end), 16).toString('hex').match(/.{4}/g) ?? [];
      return dnsValue('AAAA', groups.join(':'));
    }
    case DNS_TYPES.CNAME:
    case DNS_TYPES.NS:
      return nameAt(start);
    case DNS_TYPES.MX:
      return `${bytes.readUInt16BE(start)} ${nameAt(start + 2)}`;
    case DNS_TYPES.SRV: {
      const numbers = [0, 2, 4].map((at) => bytes.readUInt16BE(start + at));
      return [...numbers, nameAt(start + 6)].join(' ');
    }
    case DNS_TYPES.SOA: {
      const server = names.read(start);
      const mail = names.read(server.end);
      sized(bytes.subarray(mail.end, end), 20);
      const numbers = [0, 4, 8, 12, 16].map((at) => bytes.readUInt32BE(mail.end + at));
      return [server.name, mail.name, ...numbers].join(' ');
    }
    case DNS_TYPES.TXT:
      return joinedStrings(bytes.subarray(start, end));
    default:
      return undefined;
  }
}

function sized(data: Buffer, length: number): Buffer {
  if (data.length !== length) throw new RangeError('the data of a record has a wrong length');
  return data;
}

function joinedStrings(data: Buffer): string {
  const strings: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    const length = data.readUInt8(at);
    if (at + 1 + length > data.length) throw new RangeError('a text is cut off');
    strings.push(data.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return Buffer.concat(strings).toString('utf8');
}
