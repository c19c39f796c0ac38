import { afterEach, expect, it } from '@jest/globals';
import type { DnsSourceSpec } from '@signalbox/contracts';
import {
  dnsRecords,
  dnsServer,
  type DnsAnswer,
  keptFor,
  ownedBy,
  SocketServers,
  until,
} from '@signalbox/testing';
import type { Observation } from '../../domain/discovery/endpoint.js';
import type { SourceWatch } from '../source-watch.js';
import { watchDns } from './watch-dns.js';

const servers = new SocketServers();
const watches: SourceWatch[] = [];
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.stop()));
  await servers.close();
});

/** Watches a name at these servers; the result is what was said last. */
function watching(dns: DnsSourceSpec): () => Observation | undefined {
  let last: Observation | undefined;
  const report = (observation: Observation): void => void (last = observation);
  const surroundings = {
    report,
    directory: '/nowhere',
    vips: { vipOf: () => undefined },
    warn: () => undefined,
  };
  watches.push(watchDns({ name: 'edge', project: 'default', spec: { pool: 'web', dns } }, surroundings));
  return () => last;
}

const placesOf = (observation: Observation | undefined): readonly string[] | undefined =>
  observation?.type === 'content'
    ? observation.content.endpoints.map(({ address, port, weight }) => `${address} ${port} ${weight ?? '-'}`)
    : undefined;

it('a name is followed as its records change, and held while its server is away', async () => {
  let answer: DnsAnswer = { records: [keptFor(0, dnsRecords.a(192, 0, 2, 1))] };
  const port = await dnsServer(servers, () => answer);
  const last = watching({
    name: 'web.example',
    type: 'A',
    port: 8080,
    servers: [`127.0.0.1:${port}`],
    minInterval: '10ms',
    maxInterval: '20ms',
  });
  const settled = (places: string[]): Promise<unknown> =>
    until('the records', () => JSON.stringify(placesOf(last())) === JSON.stringify(places));
  await settled(['192.0.2.1 8080 -']);
  answer = { records: [dnsRecords.a(192, 0, 2, 2), dnsRecords.a(192, 0, 2, 1)] };
  await settled(['192.0.2.1 8080 -', '192.0.2.2 8080 -']);
  answer = { rcode: 2 };
  await until('SERVFAIL', () => last()?.type === 'unavailable');
  expect(last()).toEqual({ type: 'unavailable', reason: `SERVFAIL (127.0.0.1:${port})` });
  answer = {};
  await settled([]);
});

it('a service is found by SRV, with the addresses of its targets', async () => {
  const { a, aaaa, srv } = dnsRecords;
  const port = await dnsServer(servers, ({ name, type }): DnsAnswer => {
    if (type === 33)
      return {
        records: [srv(1, 1, 80, 'a.example'), srv(1, 4, 81, 'b.example'), srv(2, 1, 80, 'c.example')],
        additional: [ownedBy('a.example', a(192, 0, 2, 1))],
      };
    if (name === 'b.example') return { records: [type === 1 ? a(192, 0, 2, 2) : aaaa(2)] };
    return name === 'c.example' ? { rcode: 2 } : {};
  });
  const last = watching({ name: '_web._tcp.example', type: 'SRV', servers: [`127.0.0.1:${port}`] });
  await until('the service', () => placesOf(last()));
  expect(last()).toEqual({
    type: 'content',
    content: {
      frame: [],
      endpoints: [
        { pool: 'web', address: '192.0.2.1', port: 80, weight: 25 },
        { pool: 'web', address: '192.0.2.2', port: 81, weight: 100 },
      ],
      refused: ['1 of a higher priority number than 1: the lowest one serves'],
    },
  });
});
