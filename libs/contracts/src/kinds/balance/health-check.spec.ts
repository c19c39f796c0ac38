import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validateResource } from '../../validate.js';
import { sample, wrongFields } from '../sample-resources.fixture.js';
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
  udp: { port: 514, params: { send: '', expect: 'pong' } },
  dns: { port: 53, params: { name: '_sip._tcp.example.net.', recordType: 'SRV', expect: '0 0 5060 a.' } },
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
  ['expect', 'a', ['udp', 'dns']],
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
    expect(wrong(type, { port: portless ? 80 : null })).toEqual(['/spec/port']);
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
    ['dns', { name: 'a..b' }, 'name'],
    ['dns', { name: 'a', recordType: 'PTR' }, 'recordType'],
    ['tls', { warnBefore: '0s' }, 'warnBefore'],
    ['tls', { serverName: 'a b' }, 'serverName'],
    ['push', { ttl: '0s' }, 'ttl'],
  ] as const)('of type %s refuses a wrong %j', (type, params, param) => {
    expect(wrong(type, { params })).toEqual([`/spec/params/${param}`]);
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
