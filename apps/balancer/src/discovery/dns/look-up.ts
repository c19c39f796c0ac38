import {
  type AddressFamily,
  type DnsRecord,
  type DnsSourceSpec,
  DNS_TYPES,
  SOURCE_DEFAULTS,
} from '@signalbox/contracts';
import { type DnsFindings, type Finding, srvTargets } from '../../domain/discovery/dns-endpoints.js';
import type { AsksDns } from './dns-client.js';
import { DNS_LIMITS } from './dns-limits.js';
import { findRecords } from './find-records.js';

type AddressType = 'A' | 'AAAA';
const TYPE_OF = { ipv4: 'A', ipv6: 'AAAA' } as const satisfies Record<AddressFamily, AddressType>;

/** Asks for everything that a source needs: its name, and of SRV records the addresses of those that serve. */
export async function lookUp(
  { name, type, family = SOURCE_DEFAULTS.dnsFamily }: DnsSourceSpec,
  client: AsksDns,
): Promise<DnsFindings> {
  const { finding: named, additional } = await findRecords(client, name, type);
  const hosts = new Map<string, Finding>();
  if (type !== 'SRV' || named.type !== 'found') return { named, hosts };
  const names = new Set(srvTargets(named.values).targets.map(({ host }) => host));
  const of = TYPE_OF[family];
  const questions = [...names].map((host) => async () => {
    hosts.set(host, given(additional, host, of) ?? (await findRecords(client, host, of)).finding);
  });
  await inTurn(questions);
  return { named, hosts };
}

/** Addresses that came with the answer; when none did there may be some all the same. RFC 2181, section 9. */
function given(additional: readonly DnsRecord[], host: string, type: AddressType): Finding | undefined {
  const records = additional.filter((record) => record.owner === host && record.type === DNS_TYPES[type]);
  const values = records.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return undefined;
  return { type: 'found', values, ttlMs: 1000 * Math.min(...records.map(({ ttl }) => ttl)) };
}

/** Runs all of them, a few at the same time. When one rejects no further one begins, and those begun are waited for. */
async function inTurn(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = tasks[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (const task of waiting) await task();
  };
  const workers = Array.from({ length: DNS_LIMITS.atOnce }, work);
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
