import {
  DNS_RCODES,
  type DnsRecord,
  type DnsRecordType,
  DNS_TYPES,
  type DnsResponse,
  FORMATS,
  recordsOf,
} from '@signalbox/contracts';
import type { Finding } from '../../domain/discovery/dns-endpoints.js';
import type { AsksDns } from './dns-client.js';
import { DNS_LIMITS } from './dns-limits.js';

/** What was found, and what the server said on top of it. */
export interface NameFinding {
  readonly finding: Finding;
  readonly additional: readonly DnsRecord[];
}

/**
 * Finds the records of a name. Aliases (CNAME) are followed inside an answer, and asked for where it ends with one, as that of a
 * server does which only knows its own zones.
 */
export async function findRecords(client: AsksDns, name: string, type: DnsRecordType): Promise<NameFinding> {
  let [asked, shortest] = [name, Infinity];
  const visited = new Set<string>();
  for (;;) {
    const reply = await client.ask(asked, type);
    if ('failure' in reply)
      return unknown(asked === name ? reply.failure : `alias for ${asked}: ${reply.failure}`);
    const { response } = reply;
    const { values, alias, ttl } = recordsOf(asked, type, response.records);
    shortest = Math.min(shortest, ttl ?? Infinity);
    if (response.rcode === DNS_RCODES.NXDOMAIN)
      return unknown(
        alias === undefined && asked === name
          ? 'no such name (NXDOMAIN)'
          : `alias for ${alias ?? asked}: no such name (NXDOMAIN)`,
      );
    if (values.length > 0)
      return { finding: { type: 'found', values, ttlMs: shortest * 1000 }, additional: response.additional };
    if (alias === undefined) return nothing(response, shortest);
    visited.add(asked.toLowerCase());
    if (visited.has(alias)) return unknown(`alias for ${alias}, which leads back`);
    if (visited.size > DNS_LIMITS.aliases) return unknown(`more than ${DNS_LIMITS.aliases} aliases`);
    if (!FORMATS['dns-name'].test(alias)) return unknown('alias for what is no name of a host');
    asked = alias;
  }
}

/** That there is nothing holds as long as the SOA of the zone says. RFC 2308, section 5. */
function nothing({ authority }: DnsResponse, shortest: number): NameFinding {
  const soa = authority.find(({ type }) => type === DNS_TYPES.SOA);
  const least = Math.min(
    shortest,
    soa ? soa.ttl : Infinity,
    soa ? Number(soa.value?.split(' ').at(-1)) : Infinity,
  );
  return {
    finding: { type: 'nothing', ...(least !== Infinity && { ttlMs: least * 1000 }) },
    additional: [],
  };
}

function unknown(reason: string): NameFinding {
  return { finding: { type: 'unknown', reason }, additional: [] };
}
