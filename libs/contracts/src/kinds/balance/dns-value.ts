import { isIPv4 } from 'node:net';
import { canonicalAddress, familyOf } from '../../ip-address.js';
import type { DnsRecordType } from './specs.js';

const LABEL = String.raw`(?:[!--/-\[\]-~]|\\[^0-9]|\\(?:[01]\d\d|2[0-4]\d|25[0-5])){1,63}`;
const NAME = new RegExp(String.raw`^(?:\.|(?:${LABEL}\.)*${LABEL}\.?)$`);
const ESCAPED = /\\(\d{3}|[^0-9])/g;
const MAX_NAME_LENGTH = 254;
const MAX_16 = 2 ** 16 - 1;
const MAX_32 = 2 ** 32 - 1;

/** Fields of a record before and after its names, with their greatest value; a name is `name`. */
const FIELDS: Readonly<Partial<Record<DnsRecordType, readonly (number | 'name')[]>>> = {
  CNAME: ['name'],
  NS: ['name'],
  MX: [MAX_16, 'name'],
  SRV: [MAX_16, MAX_16, MAX_16, 'name'],
  SOA: ['name', 'name', MAX_32, MAX_32, MAX_32, MAX_32, MAX_32],
};

/** How the value of a record of each type is written, for people. */
export const DNS_VALUE_FORMS: Readonly<Record<DnsRecordType, string>> = {
  A: 'an IPv4 address such as 192.0.2.7',
  AAAA: 'an IPv6 address such as 2001:db8::7',
  CNAME: 'a name in ASCII such as www.example.net',
  NS: 'a name in ASCII such as ns1.example.net',
  MX: 'a preference and a name such as "10 mail.example.net"',
  SRV: 'priority, weight, port and a name such as "0 5 5060 sip.example.net"',
  SOA: 'two names and five numbers such as "ns1.example.net admin.example.net 1 7200 3600 1209600 300"',
  TXT: 'any text',
};

/**
 * The value that a record of this type has, in the one spelling that equal values share: addresses as RFC 5952 writes
 * them, names in lower case without the final dot, numbers without leading zeros, TXT as it is. Undefined when no
 * record of the type can have it. Zone file form, RFC 1035 section 5, RFC 2782.
 */
export function dnsValue(type: DnsRecordType, text: string): string | undefined {
  if (type === 'TXT') return text;
  if (type === 'A') return isIPv4(text) ? text : undefined;
  if (type === 'AAAA') return familyOf(text) === 'ipv6' ? canonicalAddress(text) : undefined;
  const fields = FIELDS[type] ?? [];
  const given = text.split(/[ \t]+/);
  if (given.length !== fields.length) return undefined;
  const values = fields.map((field, at) =>
    field === 'name' ? nameOf(given[at] ?? '') : numberOf(given[at] ?? '', field),
  );
  return values.includes(undefined) ? undefined : values.join(' ');
}

function nameOf(text: string): string | undefined {
  if (text.length > MAX_NAME_LENGTH || !NAME.test(text)) return undefined;
  const name = text.replace(ESCAPED, (_, said: string) => octetText(said)).toLowerCase();
  // A dot that is escaped is part of the last label.
  return name === '.' || !/(?:^|[^\\])(?:\\\\)*\.$/.test(name) ? name : name.slice(0, -1);
}

/**
 * An octet of a name as it stands in a text: only the dot, the backslash and what cannot be printed are escaped. `said`
 * is the character or its three digits.
 */
function octetText(said: string): string {
  const octet = said.length === 3 ? Number(said) : said.charCodeAt(0);
  if (octet < 0x21 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return character === '.' || character === '\\' ? `\\${character}` : character;
}

function numberOf(text: string, greatest: number): string | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= greatest ? String(Number(text)) : undefined;
}
