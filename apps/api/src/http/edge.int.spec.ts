import { createConnection } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HTTP_SETTINGS } from '@signalbox/runtime';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';

const START_MS = 300_000;

describe('the edge of HTTP', () => {
  let site: ApiSite;
  beforeAll(async () => {
    site = await ApiSite.create();
    await site.boot({
      http: {
        ...HTTP_SETTINGS,
        corsOrigins: ['https://console.test'],
        ratePerAddress: { perSecond: 1, burst: 25 },
      },
    });
    const file = join(site.config.stateDir, 'context.json');
    site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
    await site.call('/v1/status');
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  const problem = ({ status, headers, body }: Answer<Record<string, unknown>>): object => ({
    status,
    type: headers.get('content-type')?.replace(/;.*/, ''),
    code: body['code'],
  });
  const refused = (status: number, code: string): object => ({
    status,
    type: 'application/problem+json',
    code,
  });

  it('refuses a method that a path does not take, and names those that it takes', async () => {
    const answer = await site.call('/v1/status', { method: 'DELETE' });
    expect(problem(answer)).toEqual(refused(405, 'method-not-allowed'));
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const other = await site.call('/v1/resources/Route/a', { method: 'PATCH' });
    expect(problem(other)).toEqual(refused(405, 'method-not-allowed'));
    expect(other.headers.get('allow')).toContain('DELETE, GET, HEAD, OPTIONS');
  });

  it('answers OPTIONS and HEAD', async () => {
    const options = await site.call('/v1/apply', { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toBe('OPTIONS, POST');
    const head = await site.call('/v1/status', { method: 'HEAD' });
    expect({ status: head.status, body: head.body }).toEqual({ status: 200, body: '' });
  });

  it.each(['/v1/nothing', '/', '/v1/status/', '/v1//status'])('knows nothing at %s', async (path) => {
    expect(problem(await site.call(path))).toEqual(refused(404, 'not-found'));
  });

  it('refuses what is no path', async () => {
    expect(problem(await site.call('/v1/resources/%E0%A4%A/a'))).toEqual(refused(400, 'bad-request'));
    expect(problem(await site.call(`/v1/resources/Route/${'n'.repeat(700)}`))).toEqual(
      refused(414, 'url-too-long'),
    );
  });

  it('refuses what is no HTTP, and headers without end, with a problem', async () => {
    const { port } = new URL(site.services.url);
    const say = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = createConnection(Number(port), '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => (answer += chunk));
        socket.on('end', () => resolve(answer));
        socket.on('error', reject);
      });
    const garbage = await say('this is not HTTP\r\n\r\n');
    expect(garbage).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(garbage).toContain('application/problem+json');
    expect(garbage).toContain('"code":"bad-request"');
    const large = await say(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
    expect(large).toContain('"code":"headers-too-large"');
  });

  it('says which bodies it takes when it takes another one', async () => {
    const answer = await site.call('/v1/apply', {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: '<a/>',
    });
    expect(problem(answer)).toEqual(refused(415, 'unsupported-media-type'));
    expect(answer.headers.get('accept-post')).toBe(
      'application/json, application/yaml, application/x-yaml, text/yaml, text/plain',
    );
    const packed = await site.call('/v1/apply', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(problem(packed)).toEqual(refused(415, 'unsupported-media-type'));
    expect(packed.headers.get('accept-encoding')).toBe('identity');
  });

  it('refuses JSON that is too deep', async () => {
    const answer = await site.call('/v1/backends/a/pause', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"reason":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    });
    expect(problem(answer)).toEqual(refused(400, 'too-complex'));
  });

  it('asks for a token, and keeps queries out of its answers', async () => {
    const answer = await site.call('/v1/status?secret=planted', { anonymous: true });
    expect(problem(answer)).toEqual(refused(401, 'unauthorized'));
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.body['instance']).toBe('/v1/status');
  });

  it('tells browsers what to do with answers, and lets pages of the given origin read them', async () => {
    const ours = await site.call('/v1/status', { headers: { origin: 'https://console.test' } });
    expect(Object.fromEntries(ours.headers)).toMatchObject({
      'access-control-allow-origin': 'https://console.test',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Origin',
    });
    const other = await site.call('/v1/status', { headers: { origin: 'https://other.test' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await site.call('/v1/apply', {
      method: 'OPTIONS',
      anonymous: true,
      headers: { origin: 'https://console.test', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('OPTIONS, POST');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  });

  it('slows down who has no token by address, also by guessing, and nobody who has one', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      const authorization = `Bearer sbx_guess${count}`;
      const { status } = await site.call('/v1/status', { anonymous: true, headers: { authorization } });
      statuses.push(status);
    }
    expect([...new Set(statuses)]).toEqual([401, 429]);
    const late = await site.call('/v1/status', { anonymous: true });
    expect(problem(late)).toEqual(refused(429, 'rate-limited'));
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await site.call('/livez', { anonymous: true })).status).toBe(200);
    expect((await site.call('/v1/status')).status).toBe(200);
  });
});
