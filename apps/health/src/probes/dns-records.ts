import type { MxRecord, SoaRecord, SrvRecord } from 'node:dns';
import type { DnsRecordType } from '@signalbox/contracts';

/**
 * The records of an answer as zone files write them (RFC 1035 section 5, RFC 2782), names without the last dot:
 * `10 mail.example.com`. The strings of one TXT record are joined.
 */
export function recordTexts(type: DnsRecordType, answer: unknown): string[] {
  switch (type) {
    case 'MX':
      return (answer as MxRecord[]).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case 'SRV':
      return (answer as SrvRecord[]).map(
        ({ priority, weight, port, name }) => `${priority} ${weight} ${port} ${name}`,
      );
    case 'SOA': {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = answer as SoaRecord;
      return [[nsname, hostmaster, serial, refresh, retry, expire, minttl].join(' ')];
    }
    case 'TXT':
      return (answer as string[][]).map((strings) => strings.join(''));
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return answer as string[];
  }
}
