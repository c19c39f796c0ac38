import type { DnsRecordType } from '@signalbox/contracts';

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
