import { describe, expect, it } from '@jest/globals';
import { type DnsRecord, type DnsRecordType, DNS_TYPES, type DnsResponse } from '@signalbox/contracts';
import type { AsksDns, DnsReply } from './dns-client.js';
import { DNS_LIMITS } from './dns-limits.js';
import { findRecords } from './find-records.js';
import { lookUp } from './look-up.js';

const record = (owner: string, type: DnsRecordType, value: string, ttl = 60): DnsRecord => ({
  owner,
  type: DNS_TYPES[type],
  ttl,
  value,
});
const answer = (...records: DnsRecord[]): DnsReply => said({ records });

function said(change: Partial<DnsResponse>): DnsReply {
  return {
    response: { rcode: 0, isTruncated: false, records: [], authority: [], additional: [], ...change },
  };
}

/** Answers by `TYPE name`; what is not there has no record. */
class Zone implements AsksDns {
  readonly asked: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;

  constructor(private readonly replies: Readonly<Record<string, DnsReply>>) {}

  async ask(name: string, type: DnsRecordType): Promise<DnsReply> {
    this.asked.push(`${type} ${name}`);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    this.atOnce -= 1;
    return this.replies[`${type} ${name}`] ?? answer();
  }
}

const find = async (replies: Record<string, DnsReply>, name = 'www'): Promise<unknown> =>
  (await findRecords(new Zone(replies), name, 'A')).finding;

describe('records of a name', () => {
  it('are found, and hold as long as the shortest TTL', async () => {
    const records = [record('www', 'A', '192.0.2.1', 30), record('www', 'A', '192.0.2.2', 20)];
    expect(await find({ 'A www': answer(...records) })).toEqual({
      type: 'found',
      values: ['192.0.2.1', '192.0.2.2'],
      ttlMs: 20_000,
    });
  });

  it('are found behind aliases, those that the answer ends with too', async () => {
    const replies = {
      'A www': answer(record('www', 'CNAME', 'a', 10), record('a', 'CNAME', 'b')),
      'A b': answer(record('b', 'A', '192.0.2.1')),
    };
    expect(await find(replies)).toEqual({ type: 'found', values: ['192.0.2.1'], ttlMs: 10_000 });
  });

  it('are none when the name has none of this type, as long as the zone says', async () => {
    const soa = (ttl: number): DnsRecord => record('.', 'SOA', 'ns admin 1 7200 3600 1209600 300', ttl);
    expect(await find({ 'A www': said({ authority: [soa(900)] }) })).toEqual({
      type: 'nothing',
      ttlMs: 300_000,
    });
    expect(await find({ 'A www': said({ authority: [soa(60)] }) })).toEqual({
      type: 'nothing',
      ttlMs: 60_000,
    });
    expect(await find({})).toEqual({ type: 'nothing' });
    const alias = answer(record('www', 'CNAME', 'a', 40));
    expect(await find({ 'A www': alias })).toEqual({ type: 'nothing', ttlMs: 40_000 });
  });

  const alias = (owner: string, to: string): DnsReply => answer(record(owner, 'CNAME', to));
  const chain = Array.from({ length: DNS_LIMITS.aliases + 2 }, (_, n) => [
    `A a${n}`,
    alias(`a${n}`, `a${n + 1}`),
  ]);

  it.each<[string, Record<string, DnsReply>, string]>([
    ['the name does not exist', { 'A www': said({ rcode: 3 }) }, 'no such name (NXDOMAIN)'],
    [
      'its alias does not exist',
      { 'A www': said({ rcode: 3, records: [record('www', 'CNAME', 'a')] }) },
      'alias for a: no such name (NXDOMAIN)',
    ],
    [
      'its alias, asked for, does not exist',
      { 'A www': alias('www', 'a'), 'A a': said({ rcode: 3 }) },
      'alias for a: no such name (NXDOMAIN)',
    ],
    ['nobody answers', { 'A www': { failure: 'SERVFAIL' } }, 'SERVFAIL'],
    [
      'nobody answers for its alias',
      { 'A www': alias('www', 'a'), 'A a': { failure: 'REFUSED' } },
      'alias for a: REFUSED',
    ],
    [
      'aliases lead back',
      { 'A www': alias('www', 'a'), 'A a': alias('a', 'www') },
      'alias for www, which leads back',
    ],
    ['an alias is no name', { 'A www': alias('www', 'a\\.b') }, 'alias for what is no name of a host'],
    [
      'aliases do not end',
      { 'A www': alias('www', 'a0'), ...(Object.fromEntries(chain) as Record<string, DnsReply>) },
      `more than ${DNS_LIMITS.aliases} aliases`,
    ],
  ])('are unknown when %s', async (_what, replies, reason) => {
    expect(await find(replies)).toEqual({ type: 'unknown', reason });
  });
});

describe('a look', () => {
  const dns = { name: '_web._tcp.example', type: 'SRV' } as const;

  it('asks for the one type of a name', async () => {
    const zone = new Zone({ 'AAAA web': answer(record('web', 'AAAA', '2001:db8::1')) });
    const found = await lookUp({ name: 'web', type: 'AAAA', port: 80 }, zone);
    expect(found).toEqual({
      named: { type: 'found', values: ['2001:db8::1'], ttlMs: 60_000 },
      hosts: new Map(),
    });
    expect(zone.asked).toEqual(['AAAA web']);
  });

  it('asks for the addresses of targets that did not come with the answer', async () => {
    const records = ['a', 'b'].map((host) => record(dns.name, 'SRV', `0 1 80 ${host}`));
    const additional = [record('a', 'A', '192.0.2.1', 7), record('other', 'AAAA', '2001:db8::9')];
    const zone = new Zone({
      [`SRV ${dns.name}`]: said({ records, additional }),
      'A b': answer(record('b', 'A', '192.0.2.2')),
      'AAAA b': { failure: 'SERVFAIL' },
    });
    const { hosts } = await lookUp(dns, zone);
    expect(Object.fromEntries(hosts)).toEqual({
      a: { type: 'found', values: ['192.0.2.1'], ttlMs: 7_000 },
      b: { type: 'found', values: ['192.0.2.2'], ttlMs: 60_000 },
    });
    expect(zone.asked).toEqual([`SRV ${dns.name}`, 'A b']);
    const six = await lookUp({ ...dns, family: 'ipv6' }, zone);
    expect(Object.fromEntries(six.hosts)).toEqual({
      a: { type: 'nothing' },
      b: { type: 'unknown', reason: 'SERVFAIL' },
    });
    expect(zone.asked.slice(3)).toEqual(['AAAA a', 'AAAA b']);
  });

  it('asks for each host once, and for few at the same time', async () => {
    const hosts = Array.from({ length: 40 }, (_, n) => `h${n}`);
    const records = hosts.flatMap((host) =>
      [80, 81].map((port) => record(dns.name, 'SRV', `0 1 ${port} ${host}`)),
    );
    const zone = new Zone({ [`SRV ${dns.name}`]: answer(...records) });
    expect((await lookUp(dns, zone)).hosts.size).toBe(40);
    expect([zone.asked.length, zone.mostAtOnce]).toEqual([41, DNS_LIMITS.atOnce]);
  });
});
