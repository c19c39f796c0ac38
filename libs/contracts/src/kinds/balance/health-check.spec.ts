import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validateResource } from '../../validate.js';
import { sample, wrongFields } from '../sample-resources.fixture.js';
import { dnsValue } from './dns-value.js';
import { responseCodes } from './response-code.js';
import { PROBE_TYPES, type ProbeType } from './specs.js';

/** A right spec of each type. */
const OF_TYPE: Readonly<Record<ProbeType, Record<string, unknown>>> = {
  http: { port: 80, params: { path: '/health?full=1', host: 'www.example.net:8080', responseCode: 204 } },
  https: {
    port: 443,
    params: { responseRegexp: '^ok$', serverName: 'a.example.net', insecureSkipVerify: true },
  },
  tcp: { port: 25, params: { ssl: true, serverName: '192.0.2.1', insecureSkipVerify: false } },
  icmp: { port: null, params: null },
  udp: { port: 514, params: { send: '' } },
  dns: { port: 53, params: { name: '_sip._tcp.example.net.' } },
  grpc: { port: 50051, params: { service: 'a.B', ssl: true, serverName: 'a', insecureSkipVerify: true } },
  tls: { port: 443, params: { serverName: 'a', insecureSkipVerify: true, warnBefore: '240h' } },
  push: { port: null, interval: null, timeout: null, params: { ttl: '30s' } },
};

/** Every param with a right value, and the types that take it. */
const PARAMS: readonly [param: string, value: unknown, types: readonly ProbeType[]][] = [
  ['path', '/', ['http', 'https']],
  ['host', 'a', ['http', 'https']],
  ['responseCode', '200', ['http', 'https']],
  ['responseRegexp', 'a', ['http', 'https']],
  ['ssl', true, ['tcp', 'grpc']],
  ['serverName', 'a', ['https', 'tcp', 'grpc', 'tls']],
  ['insecureSkipVerify', true, ['https', 'tcp', 'grpc', 'tls']],
  ['send', 'a', ['udp']],
  ['expect', '192.0.2.7', ['udp', 'dns']],
  ['expectHex', 'ff', ['udp']],
  ['name', 'a', ['dns']],
  ['recordType', 'A', ['dns']],
  ['service', 'a', ['grpc']],
  ['warnBefore', '1h', ['tls']],
  ['ttl', '1s', ['push']],
];

const NO_PARAMS = { path: null, host: null, responseCode: null, responseRegexp: null };

/** What is wrong with a HealthCheck of a type after a change. */
function wrong(type: ProbeType, change: Record<string, unknown> = {}): string[] {
  const { params, ...spec } = { ...OF_TYPE[type], ...change };
  return wrongFields('HealthCheck', {
    spec: { type, ...spec, params: params === null ? null : { ...NO_PARAMS, ...(params as object) } },
  });
}

describe('a HealthCheck', () => {
  it.each(PROBE_TYPES)('of type %s is accepted', (type) => {
    expect(wrong(type)).toEqual([]);
  });

  it.each(
    PROBE_TYPES.flatMap((type) => PARAMS.map(([param, value, types]) => ({ type, param, value, types }))),
  )('of type $type and param $param', ({ type, param, value, types }) => {
    const needed = (OF_TYPE[type]['params'] ?? {}) as object;
    const found = wrong(type, { params: { ...needed, [param]: value } });
    expect(found).toEqual(types.includes(type) ? [] : [`/spec/params/${param}`]);
  });

  it('says which type a param is not for', () => {
    const check = sample('HealthCheck', { spec: { type: 'tcp', params: { ...NO_PARAMS, path: '/' } } });
    expect(() => validateResource(check)).toThrow('/spec/params/path is not for type tcp');
  });

  it.each<[ProbeType, string]>([
    ['udp', 'send'],
    ['dns', 'name'],
    ['push', 'ttl'],
  ])('of type %s needs %s', (type, param) => {
    expect(wrong(type, { params: {} })).toEqual([`/spec/params/${param}`]);
    expect(wrong(type, { params: null })).toEqual([`/spec/params/${param}`]);
  });

  it.each(PROBE_TYPES)('of type %s has the right of port, interval and timeout', (type) => {
    const portless = type === 'icmp' || type === 'push';
    expect(wrong(type, { port: 80 })).toEqual(portless ? ['/spec/port'] : []);
    expect(wrong(type, { port: null })).toEqual([]);
    const timed = type === 'push' ? [] : ['/spec/interval', '/spec/timeout'];
    expect(wrong(type, { interval: null, timeout: null })).toEqual(timed);
  });

  it.each<[what: string, change: Record<string, unknown>, pointer: string]>([
    ['no type', { type: null }, '/spec/type'],
    ['an unknown type', { type: 'exec' }, '/spec/type'],
    ['port 0', { port: 0 }, '/spec/port'],
    ['port 65536', { port: 65536 }, '/spec/port'],
    ['a timeout over 60s', { timeout: '61s' }, '/spec/timeout'],
    ['a timeout of nothing', { timeout: '0s' }, '/spec/timeout'],
    ['X37 a timeout of a nanosecond', { timeout: '1ns' }, '/spec/timeout'],
    ['X37 a source that is multicast', { probeIpv4Src: '224.0.0.1' }, '/spec/probeIpv4Src'],
    ['an interval over 24h', { interval: '24h1s' }, '/spec/interval'],
    ['an interval that is a busy loop', { interval: '1us' }, '/spec/interval'],
    ['a fast interval over 24h', { fastInterval: '25h' }, '/spec/fastInterval'],
    ['a down interval over 24h', { downInterval: '25h' }, '/spec/downInterval'],
    ['rise 0', { rise: 0 }, '/spec/rise'],
    ['rise 1001', { rise: 1001 }, '/spec/rise'],
    ['fall 0', { fall: 0 }, '/spec/fall'],
    ['fall 1.5', { fall: 1.5 }, '/spec/fall'],
    ['another counter', { counter: 'sliding' }, '/spec/counter'],
    ['an IPv6 source for IPv4', { probeIpv4Src: '2001:db8::1' }, '/spec/probeIpv4Src'],
    ['an IPv4 source for IPv6', { probeIpv6Src: '192.0.2.1' }, '/spec/probeIpv6Src'],
    ['a source with a zone', { probeIpv6Src: 'fe80::1%eth0' }, '/spec/probeIpv6Src'],
    ['a netns with a path', { netns: '../x' }, '/spec/netns'],
    ['the netns .', { netns: '.' }, '/spec/netns'],
    ['the netns ..', { netns: '..' }, '/spec/netns'],
    ['a netns of 256 letters', { netns: 'n'.repeat(256) }, '/spec/netns'],
    ['an empty netns', { netns: '' }, '/spec/netns'],
    ['a path without /', { params: { path: 'health' } }, '/spec/params/path'],
    ['a path with a line break', { params: { path: '/\r\nx: y' } }, '/spec/params/path'],
    ['a host with a line break', { params: { host: 'a\r\nb' } }, '/spec/params/host'],
    ['a code of text', { params: { responseCode: 'ok' } }, '/spec/params/responseCode'],
    ['a code of true', { params: { responseCode: true } }, '/spec/params/responseCode'],
    ['code 99', { params: { responseCode: 99 } }, '/spec/params/responseCode'],
    ['code 600', { params: { responseCode: '600' } }, '/spec/params/responseCode'],
    ['a range from high to low', { params: { responseCode: '299-200' } }, '/spec/params/responseCode'],
    ['a range beyond 599', { params: { responseCode: '200-600' } }, '/spec/params/responseCode'],
    ['a regexp that does not end', { params: { responseRegexp: '(a' } }, '/spec/params/responseRegexp'],
    ['a regexp that RE2 has not', { params: { responseRegexp: '(?=a)' } }, '/spec/params/responseRegexp'],
    ['a long regexp', { params: { responseRegexp: 'a'.repeat(1001) } }, '/spec/params/responseRegexp'],
    ['an unknown param', { params: { method: 'GET' } }, '/spec/params/method'],
  ])('refuses %s', (_what, spec, pointer) => {
    expect(wrongFields('HealthCheck', { spec })).toEqual([pointer]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a timeout of 60s', { timeout: '60s' }],
    ['a timeout over the interval', { interval: '2s', timeout: '3s' }],
    ['the longest interval', { interval: '24h', downInterval: '24h' }],
    ['the bounds of the counter', { rise: 1, fall: 1000, counter: 'linear' }],
    ['netns names with dots', { netns: '...' }],
    ['a regexp of 1000 characters', { params: { responseRegexp: 'a'.repeat(1000) } }],
  ])('accepts %s', (_what, spec) => {
    expect(wrongFields('HealthCheck', { spec })).toEqual([]);
  });

  it.each([
    ['udp', { send: 'a'.repeat(65_508) }, 'send'],
    ['udp', { sendHex: 'ff '.repeat(65_508) }, 'sendHex'],
    ['udp', { sendHex: 'f' }, 'sendHex'],
    ['udp', { sendHex: '0xff' }, 'sendHex'],
    ['udp', { send: 'a', sendHex: '61' }, 'sendHex'],
    ['udp', { send: 'a', expect: 'b', expectHex: '62' }, 'expectHex'],
    ['dns', { name: 'a..b' }, 'name'],
    ['dns', { name: 'a', recordType: 'PTR' }, 'recordType'],
    ['tls', { warnBefore: '0s' }, 'warnBefore'],
    ['tls', { serverName: 'a b' }, 'serverName'],
    ['push', { ttl: '0s' }, 'ttl'],
  ] as const)('of type %s refuses a wrong %j', (type, params, param) => {
    expect(wrong(type, { params })).toEqual([`/spec/params/${param}`]);
  });
});

describe('X37 a duration', () => {
  const refusal = (field: string, value: string): string | undefined => {
    const isParam = field === 'warnBefore';
    const params = isParam ? { ...NO_PARAMS, warnBefore: value } : null;
    const spec = { type: isParam ? 'tls' : 'tcp', params, ...(!isParam && { [field]: value }) };
    try {
      validateResource(sample('HealthCheck', { spec }));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    ['interval', '24h', ['1ns', '999us', '0s', '25h', '600h', '1000000h']],
    ['fastInterval', '24h', ['1ns', '25h', '600h']],
    ['downInterval', '24h', ['1ns', '25h', '600h']],
    ['timeout', '60s', ['1ns', '999us', '0s', '61s', '25h', '600h']],
    ['warnBefore', '87600h', ['1ns', '0s', '87601h']],
  ])('%s has one bound and one message', (field, most, wrong) => {
    for (const value of wrong)
      expect(refusal(field, value)).toContain(`must be a duration from 1ms to ${most}, such as`);
    for (const value of ['1ms', most]) expect(refusal(field, value)).toBeUndefined();
  });
});

describe('X32 the value that a dns check expects', () => {
  it.each([
    ['A', '192.0.2.07'],
    ['A', '192.0.2'],
    ['A', '2001:db8::1'],
    ['AAAA', '192.0.2.7'],
    ['AAAA', 'fe80::1%eth0'],
    ['CNAME', 'two words'],
    ['CNAME', 'bücher.example'],
    ['NS', 'a..b'],
    ['NS', String.raw`a\256.b`],
    ['MX', 'mail.example'],
    ['MX', '65536 mail.example'],
    ['SRV', '1 2 443'],
    ['SRV', '1 2 65536 a.example'],
    ['SOA', 'ns.example me.example 1 2 3 4'],
  ])('is refused when no %s record can have it: %s', (recordType, expected) => {
    expect(wrong('dns', { params: { name: 'a', recordType, expect: expected } })).toEqual([
      '/spec/params/expect',
    ]);
  });

  it.each([
    ['A', '192.0.2.7', '192.0.2.7'],
    ['AAAA', '2001:DB8:0:0::07', '2001:db8::7'],
    ['CNAME', 'WWW.Example.NET.', 'www.example.net'],
    ['NS', '.', '.'],
    ['MX', '010  Mail.Example.', '10 mail.example'],
    ['MX', '0 .', '0 .'],
    ['SRV', '1 2 443 A.example.', '1 2 443 a.example'],
    [
      'SOA',
      'NS.example. j\\.doe.example. 1 2 3 4 4294967295',
      'ns.example j\\.doe.example 1 2 3 4 4294967295',
    ],
    ['CNAME', String.raw`\065\@\032\.b.example.`, String.raw`a@\032\.b.example`],
    ['TXT', 'As It Is.', 'As It Is.'],
  ] as const)('%s: %s is compared as %s', (recordType, expected, value) => {
    expect(dnsValue(recordType, expected)).toBe(value);
    expect(wrong('dns', { params: { name: 'a', recordType, expect: expected } })).toEqual([]);
  });
});

describe('responseCodes', () => {
  it('reads exactly the codes and ranges within 100-599', () => {
    const code = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(code, code, (low, high) => {
        const [from, to] = [low, high].map((one) => String(one).padStart(3, '0'));
        const right = low >= 100 && low <= high && high <= 599;
        expect(responseCodes(`${from}-${to}`)).toEqual(right ? { low, high } : undefined);
        expect(responseCodes(low)).toEqual(low >= 100 && low <= 599 ? { low, high: low } : undefined);
      }),
    );
    for (const text of ['', '200-', '-200', '200 - 299', '2xx', '200,204', '0200'])
      expect(responseCodes(text)).toBeUndefined();
  });
});
