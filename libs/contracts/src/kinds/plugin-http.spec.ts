import { describe, expect, it } from '@jest/globals';
import { wrongFields } from './sample-resources.fixture.js';

/** Takes away what a program needs. */
const NO_PROGRAM = { executable: null, env: null, sha256: null };
const SECRET = { name: 'token', file: '/etc/signalbox/token' };

function wrong(spec: Record<string, unknown>): string[] {
  return wrongFields('Plugin', { spec: { ...NO_PROGRAM, mode: 'http', ...spec } });
}

describe('a plugin of mode http', () => {
  it.each([
    'https://plugins.example.net/claims?site=edge',
    'HTTPS://10.0.0.1:8443',
    'http://127.0.0.1:9000/run',
    'http://127.8.0.1/',
    'http://[::1]:9000',
    'http://localhost:9000/',
    'http://LOCALHOST',
  ])('may be at %s', (url) => {
    expect(wrong({ http: { url } })).toEqual([]);
  });

  it.each([
    'http://10.0.0.1/run',
    'http://localhost.example.net/',
    'http://127.0.0.1.example.net/',
    'http://128.0.0.1/',
    'http://[::2]/',
    'http://[::ffff:10.0.0.1]/',
    'https://ann:hush@example.net/',
    'https://ann@example.net/',
    'http://127.0.0.1/#part',
    'https://example.net/a b',
    'https:example.net',
    'ftp://127.0.0.1/',
    'file:///run/plugin.sock',
    'example.net',
    '',
    `https://example.net/${'a'.repeat(2048)}`,
  ])('may not be at %j', (url) => {
    expect(wrong({ http: { url } })).toEqual(['/spec/http/url']);
  });

  const https = { url: 'https://example.net/' };
  it.each([
    ['no http', {}, ['/spec/http']],
    ['no url', { http: {} }, ['/spec/http/url']],
    ['a program', { http: https, executable: '/bin/true' }, ['/spec/executable']],
    ['a digest of a program', { http: https, sha256: 'a'.repeat(64) }, ['/spec/sha256']],
    ['an environment', { http: https, env: {} }, ['/spec/env']],
    ['a sandbox', { http: https, sandbox: 'off' }, ['/spec/sandbox']],
    ['a network', { http: https, network: false }, ['/spec/network']],
    ['recycling', { http: https, recycle: {} }, ['/spec/recycle']],
    [
      'authorities where nothing is encrypted',
      { http: { url: 'http://[::1]/', caFile: '/a' } },
      ['/spec/http/caFile'],
    ],
    ['a relative file', { http: { ...https, caFile: 'ca.pem' } }, ['/spec/http/caFile']],
    [
      'a secret that is not there',
      { http: { ...https, bearerSecret: 'token' } },
      ['/spec/http/bearerSecret'],
    ],
    ['a secret that nobody gets', { http: https, secrets: [SECRET] }, ['/spec/secrets/0']],
    [
      'a member of another kind',
      { http: { ...https, headers: { authorization: 'x' } } },
      ['/spec/http/headers'],
    ],
  ])('is refused with %s', (_what, spec, pointers) => {
    expect(wrong(spec)).toEqual(pointers);
  });

  it('may have authorities and a secret', () => {
    const http = { ...https, caFile: '/etc/signalbox/ca.pem', bearerSecret: 'token' };
    expect(wrong({ http, secrets: [SECRET] })).toEqual([]);
  });

  it('is the only one with an endpoint', () => {
    expect(wrongFields('Plugin', { spec: { http: https } })).toEqual(['/spec/http']);
    expect(wrongFields('Plugin', { spec: { executable: null, http: https } })).toEqual([
      '/spec/executable',
      '/spec/http',
    ]);
  });
});
