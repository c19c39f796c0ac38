import { afterEach, describe, expect, it } from '@jest/globals';
import type { DnsRecordType } from '@signalbox/contracts';
import { type DnsAnswer, dnsServer, type DnsQuestion, records } from './dns-server.fixture.js';
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
