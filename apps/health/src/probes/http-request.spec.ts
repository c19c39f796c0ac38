import { describe, expect, it } from '@jest/globals';
import { requestText } from './http-request.js';
import type { ProbeTarget } from './probe.js';
import { target } from './servers.fixture.js';

const linesOf = (more: Partial<ProbeTarget>, params: ProbeTarget['params'] = {}): string[] =>
  requestText(target('http', 8080, params, more)).split('\r\n');

describe('requestText', () => {
  it.each([
    [{}, '127.0.0.1:8080'],
    [{ port: 80 }, '127.0.0.1'],
    [{ port: 443 }, '127.0.0.1:443'],
    [{ type: 'https', port: 443 }, '127.0.0.1'],
    [{ address: '2001:db8::1' }, '[2001:db8::1]:8080'],
    [{ address: 'fe80::1%eth0', port: 80 }, '[fe80::1]'],
  ] as const)('names its host: %j', (more, host) => {
    expect(linesOf(more)[1]).toBe(`Host: ${host}`);
  });

  it.each([
    [undefined, '/'],
    ['/a?b=c%20d', '/a?b=c%20d'],
    ['a', '/a'],
    ['/ä b', '/%C3%A4%20b'],
    ['/ HTTP/1.1\r\nX: y', '/%20HTTP/1.1%0D%0AX:%20y'],
  ])('asks for the path %j', (path, sent) => {
    expect(linesOf({}, { ...(path !== undefined && { path }) })[0]).toBe(`GET ${sent} HTTP/1.1`);
  });

  it.each(['', 'a b', 'a\r\nX: y', 'ä.example'])('sends no host %j', (host) => {
    expect(() => linesOf({}, { host })).toThrow('no host header can be');
  });
});
