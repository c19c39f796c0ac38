import { afterEach, describe, expect, it } from '@jest/globals';
import type { DnsRecordType } from '@signalbox/contracts';
import {
  type DnsAnswer,
  dnsServer,
  dnsStreamServer,
  type DnsQuestion,
  ownedBy,
  dnsRecords as records,
} from '@signalbox/testing';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber();
afterEach(() => servers.close());

const name = 'www.example.com';

async function probe(answer: DnsAnswer, params: ProbeTarget['params'] = {}, more: Partial<ProbeTarget> = {}) {
  const port = await dnsServer(servers, () => answer);
  return prober.probe(target('dns', port, { name, ...params }, more), NEVER);
}

describe('a dns probe', () => {
  it('asks the target once for the name and type', async () => {
    const questions: DnsQuestion[] = [];
    const port = await dnsServer(servers, (question) => {
      questions.push(question);
      return { records: [records.aaaa(7)] };
    });
    const probed = await prober.probe(target('dns', port, { name, recordType: 'AAAA' }), NEVER);
    expect(probed).toEqual(result('L7OK', '2001:db8::7'));
    expect(questions).toEqual([{ name, type: 28 }]);
  });

  it('asks for A by default, and any record will do', async () => {
    const answer = { records: [records.a(192, 0, 2, 1), records.a(192, 0, 2, 2)] };
    expect(await probe(answer)).toEqual(result('L7OK', '192.0.2.1, 192.0.2.2'));
  });

  it.each([
    ['A', [records.a(192, 0, 2, 1), records.a(192, 0, 2, 2)], '192.0.2.2'],
    ['AAAA', [records.aaaa(1)], '2001:db8::1'],
    ['CNAME', [records.cname('other.example.com')], 'other.example.com'],
    ['NS', [records.ns('ns.example.com')], 'ns.example.com'],
    ['MX', [records.mx(10, 'mail.example.com')], '10 mail.example.com'],
    ['SRV', [records.srv(1, 2, 443, 'a.example.com')], '1 2 443 a.example.com'],
    ['TXT', [records.txt('v=spf1 ', '-all')], 'v=spf1 -all'],
    [
      'SOA',
      [records.soa('ns.example.com', 'me.example.com', 1, 2, 3, 4, 5)],
      'ns.example.com me.example.com 1 2 3 4 5',
    ],
  ] as const)('expects one record: %s', async (recordType: DnsRecordType, found, expected) => {
    const answer = { records: found };
    expect((await probe(answer, { recordType, expect: expected })).code).toBe('L7OK');
    const other = await probe(answer, { recordType, expect: `${expected}0` });
    expect(other).toEqual(
      result('L7RSP', expect.stringContaining(`no ${recordType} record equals ${expected}0`)),
    );
  });

  it.each([
    [3, 'L7STS', 'NXDOMAIN'],
    [2, 'L7STS', 'SERVFAIL'],
    [5, 'L7STS', 'REFUSED'],
    [4, 'L7STS', 'NOTIMP'],
    [0, 'L7RSP', 'no record of this type'],
  ] as const)('RCODE %i without records: %s', async (rcode, code, detail) => {
    expect(await probe({ rcode })).toEqual(result(code, detail));
  });

  it('L7TOUT: no answer, or none that is DNS', async () => {
    const hasty = { timeoutMs: HASTY_MS };
    expect(await probe('silence', {}, hasty)).toEqual(result('L7TOUT'));
    expect((await probe('garbage', {}, hasty)).ok).toBe(false);
  });

  it('L4CON: a closed port', async () => {
    const probed = await prober.probe(target('dns', await servers.closedPort('udp'), { name }), NEVER);
    expect(probed).toEqual(result('L4CON', 'connection refused'));
  });

  it('L4CON: a source that is not ours', async () => {
    expect((await probe({ records: [records.a(1, 2, 3, 4)] }, {}, { source: '203.0.113.9' })).code).toBe(
      'L4CON',
    );
  });
});

describe('X32 an answer counts by what it says of the name and type', () => {
  const TYPES: readonly DnsRecordType[] = ['A', 'AAAA', 'NS', 'MX', 'SRV', 'TXT', 'SOA'];

  it.each(TYPES)('an alias alone is no record of type %s', async (recordType) => {
    const probed = await probe({ records: [records.cname('other.example.com')] }, { recordType });
    expect(probed).toEqual(result('L7RSP', `an alias for other.example.com, without ${recordType} record`));
  });

  it('aliases are followed within the answer, whatever the order and the case', async () => {
    const answer = {
      records: [
        ownedBy('LAST.example.com', records.a(192, 0, 2, 7)),
        ownedBy('Next.example.com', records.cname('last.Example.com')),
        records.cname('next.example.COM'),
      ],
    };
    expect(await probe(answer, { expect: '192.0.2.7' })).toEqual(result('L7OK', '192.0.2.7'));
  });

  it('a record of another name does not count, and aliases in a circle end', async () => {
    const strange = { records: [ownedBy('evil.example.com', records.a(192, 0, 2, 7))] };
    expect(await probe(strange)).toEqual(result('L7RSP', 'no record of this type'));
    const circle = {
      records: [records.cname('b.example.com'), ownedBy('b.example.com', records.cname(name))],
    };
    expect((await probe(circle)).code).toBe('L7RSP');
  });

  it.each<[DnsRecordType, ReturnType<typeof records.a>, string]>([
    ['AAAA', records.aaaa(7), '2001:DB8:0:0::0007'],
    ['CNAME', records.cname('Other.Example.com'), 'oTHER.example.COM.'],
    ['NS', records.ns('NS.example.com'), 'ns.example.com.'],
    ['MX', records.mx(10, 'mail.example.com'), '10 MAIL.example.com.'],
    ['MX', records.mx(0, ''), '0 .'],
    ['SRV', records.srv(1, 2, 443, 'A.example.com'), '1 2 443 a.example.com.'],
    [
      'SOA',
      records.soa('NS.example.com', 'me.example.com', 1, 2, 3, 4, 5),
      'ns.example.com. ME.example.com. 1 2 3 4 5',
    ],
  ])('a %s record is compared as a value', async (recordType, record, expected) => {
    const probed = await probe({ records: [record] }, { recordType, expect: expected });
    expect(probed).toMatchObject({ code: 'L7OK' });
  });

  it('a dot within a label is told from one between labels', async () => {
    const dotted = [5, Buffer.from('\x03a.B\x07example\x00', 'latin1')] as const;
    const ask = async (expected: string) =>
      probe({ records: [dotted] }, { recordType: 'CNAME', expect: expected });
    expect(await ask(String.raw`A\.b.example.`)).toEqual(result('L7OK', String.raw`a\.B.example`));
    expect((await ask('a.b.example')).code).toBe('L7RSP');
  });

  it('TXT is compared as it is', async () => {
    const answer = { records: [records.txt('Token=A.')] };
    expect((await probe(answer, { recordType: 'TXT', expect: 'token=a.' })).code).toBe('L7RSP');
    expect((await probe(answer, { recordType: 'TXT', expect: 'Token=A.' })).code).toBe('L7OK');
  });

  it.each([
    ['an A record of three bytes', [1, Buffer.from([1, 2, 3])]],
    ['a name that points at itself', [5, Buffer.from([0xc0, 0x2d])]],
    ['a name that runs out', [2, Buffer.from([9, 0x61])]],
    ['a text that runs out', [16, Buffer.from([9, 0x61])]],
  ] as const)('L7RSP: %s', async (_, record) => {
    const types = { 1: 'A', 5: 'CNAME', 2: 'NS', 16: 'TXT' } as const;
    const probed = await probe({ records: [record] }, { recordType: types[record[0]] });
    expect(probed).toEqual(result('L7RSP', 'the answer is broken'));
  });

  it('an answer to another question is none', async () => {
    const port = await servers.udp((query, from, socket) => {
      const other = Buffer.from(query);
      other.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      other.writeUInt16BE(0x8180, 2);
      socket.send(other, from.port, from.address);
    });
    const probed = await prober.probe(target('dns', port, { name }, { timeoutMs: HASTY_MS }), NEVER);
    expect(probed).toEqual(result('L7TOUT'));
  });
});

describe('X32 an answer that is truncated', () => {
  const truncated: DnsAnswer = { isTruncated: true };
  const whole: DnsAnswer = { records: [records.txt('long')] };
  const params = { name, recordType: 'TXT', expect: 'long' } as const;
  const ask = (port: number, more: Partial<ProbeTarget> = {}) =>
    prober.probe(target('dns', port, params, more), NEVER);
  /** A server at one port of UDP and TCP; another program may have the one of TCP. */
  const atOnePort = async (listen: (port: number) => Promise<number>): Promise<number> => {
    for (;;) {
      try {
        return await listen(await dnsServer(servers, () => truncated));
      } catch (error) {
        if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
      }
    }
  };
  const both = (byTcp: DnsAnswer) => atOnePort((port) => dnsStreamServer(servers, port, () => byTcp));

  it('is asked for by TCP', async () => {
    expect(await ask(await both(whole))).toEqual(result('L7OK', 'long'));
    await servers.allClosed(1);
  });

  it('says that UDP answered when TCP is refused', async () => {
    const port = await dnsServer(servers, () => truncated);
    const refused = result('L7RSP', 'UDP answered, truncated; by TCP: connection refused');
    expect(await ask(port)).toEqual(refused);
  });

  it('says so when TCP closes, or is silent', async () => {
    const closed = 'UDP answered, truncated; by TCP: the connection was closed before the answer';
    expect(await ask(await both('silence'))).toEqual(result('L7RSP', closed));
    const silent = await atOnePort((port) => servers.tcp((socket) => socket.resume(), port));
    const late = 'UDP answered, truncated; by TCP: no response within 150 ms';
    expect(await ask(silent, { timeoutMs: HASTY_MS })).toEqual(result('L7TOUT', late));
  });

  it('that is truncated by TCP too is broken', async () => {
    const broken = result('L7RSP', 'UDP answered, truncated; by TCP: the answer is broken');
    expect(await ask(await both(truncated))).toEqual(broken);
  });
});
