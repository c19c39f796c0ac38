import { Resolver } from 'node:dns';
import { type DnsSourceSpec, readDnsServer } from '@signalbox/contracts';
import type { StartWatch } from '../source-watch.js';
import { DnsClient } from './dns-client.js';
import { DnsWatch } from './dns-watch.js';
import type { DnsServerPlace } from './exchange.js';
import { lookUp } from './look-up.js';

/** Watches a source of the way `dns`. spec/balance "Discovery", ADR 0028. */
export const watchDns: StartWatch = (source, surroundings) =>
  new DnsWatch(source, surroundings, (dns, signal) => lookUp(dns, new DnsClient(serversOf(dns), signal)));

/** Those of the machine are read each time: they change with its network. */
function serversOf({ servers }: DnsSourceSpec): readonly DnsServerPlace[] {
  return (servers ?? new Resolver().getServers()).flatMap((text) => readDnsServer(text) ?? []);
}
