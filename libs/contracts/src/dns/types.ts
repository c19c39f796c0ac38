import type { DnsRecordType } from '../kinds/balance/specs.js';

/** Numbers of the types of records. RFC 1035, 2782, 3596. */
export const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const satisfies Readonly<Record<DnsRecordType, number>>;

/** The pseudo record of EDNS, which is about the message and not in any zone. RFC 6891. */
export const OPT = 41;

/** What a server said instead of an answer. RFC 1035 section 4.1.1, RFC 6895 section 2.3. */
export const DNS_RCODES = {
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DNS_RCODES).map(([name, code]) => [code, name]),
);

/** An RCODE as people know it: `NXDOMAIN`, `RCODE 9`. */
export function rcodeText(rcode: number): string {
  return NAMES.get(rcode) ?? `RCODE ${rcode}`;
}
