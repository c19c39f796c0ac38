import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type CertificateTexts, judgeCertificate, type Verdict } from './judge-certificate.js';
import { made, madeCertificate, pemOf } from './made-certificate.fixture.js';

const FILE = { name: 'shop', file: '/tls/shop.pem' };
const APART = { ...FILE, keyFile: '/tls/shop.key' };
const [SHOP, OTHER] = [madeCertificate('shop.example', '*.shop.example'), madeCertificate('other.example')];
const NOW = Date.now();
const YEAR_MS = 365 * 86_400_000;

const one = (text: string): CertificateTexts => ({ chain: text, key: text });
const faultOf = (verdict: Verdict): string => ('fault' in verdict ? verdict.fault : 'none');
const judged = (text: string, nowMs = NOW): Verdict => judgeCertificate(FILE, one(text), nowMs);

describe('a certificate', () => {
  it('is good when it is whole, with its key, and valid: told by fingerprint, names and times', () => {
    const verdict = judged(`Bag attributes: none\n\n${pemOf(SHOP)}`);
    expect(verdict).toMatchObject({
      good: {
        pem: SHOP.key + SHOP.certificate,
        sha1: expect.stringMatching(/^[0-9A-F]{40}$/),
        served: {
          sha256: SHOP.sha256,
          names: ['shop.example', '*.shop.example'],
          notBefore: expect.stringMatching(/Z$/),
          notAfter: expect.stringMatching(/Z$/),
        },
      },
    });
  });

  it('may have its key in a file of its own, and a chain behind it', () => {
    const chain = SHOP.certificate + OTHER.certificate;
    expect(judgeCertificate(APART, { chain, key: SHOP.key }, NOW)).toMatchObject({
      good: { pem: SHOP.key + chain, served: { sha256: SHOP.sha256 } },
    });
  });

  it('is bad when a block is cut anywhere', () => {
    const whole = pemOf(SHOP).trimEnd();
    for (let length = 30; length < whole.length; length += 7) {
      expect(faultOf(judged(whole.slice(0, length)))).toMatch(/^\/tls\/shop\.pem (is not whole|holds no)/);
    }
  });

  it('tells nothing of a key, whatever is wrong with it', () => {
    const [, line = ''] = SHOP.key.split('\n');
    const broken = SHOP.key.replace(line, `${line.slice(0, -8)}AAAAAAAA`);
    const { fault } = judged(SHOP.certificate + broken) as { fault: string };
    expect(fault).toMatch(/^\/tls\/shop\.pem/);
    expect(fault).not.toContain(line.slice(0, 16));
  });

  const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'open' })
    .toString();

  it.each<[string, string, string]>([
    ['nothing in it', '', '/tls/shop.pem holds no certificate'],
    ['no certificate', SHOP.key, '/tls/shop.pem holds no certificate'],
    ['no key', SHOP.certificate, '/tls/shop.pem holds no private key'],
    ['two keys', pemOf(SHOP) + OTHER.key, '/tls/shop.pem holds 2 private keys; leave the one'],
    [
      'the key of another',
      SHOP.certificate + OTHER.key,
      '/tls/shop.pem: the private key is not that of the first certificate of /tls/shop.pem',
    ],
    [
      'the certificate behind that of its issuer',
      OTHER.certificate + pemOf(SHOP),
      '/tls/shop.pem: the private key is not that of the first certificate of /tls/shop.pem',
    ],
    [
      'an encrypted key',
      SHOP.certificate + encrypted,
      '/tls/shop.pem holds an encrypted private key, and nobody is there to type its passphrase',
    ],
    [
      'a certificate that is none',
      `${pemOf(SHOP)}-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n`,
      '/tls/shop.pem: certificate 2 of the file cannot be read',
    ],
    [
      'a key that is none',
      `${SHOP.certificate}-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n`,
      '/tls/shop.pem holds a private key that cannot be read',
    ],
    [
      'an end without a beginning',
      `-----END CERTIFICATE-----\n${pemOf(SHOP)}`,
      '/tls/shop.pem is not whole: a block of PEM is cut, or still being written',
    ],
  ])('is bad with %s', (_what, text, fault) => {
    expect(judged(text)).toEqual({ fault });
  });

  it('is bad before and after its time', () => {
    const [from, to] = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-02-01T00:00:00Z')];
    const text = pemOf(made({ hosts: ['a.example'], notBeforeMs: from, notAfterMs: to }));
    expect(faultOf(judged(text, from - 1))).toBe(
      '/tls/shop.pem is not valid before 2026-01-01T00:00:00.000Z',
    );
    expect(faultOf(judged(text, to + 1))).toBe('/tls/shop.pem is expired since 2026-02-01T00:00:00.000Z');
    expect(judged(text, from)).toHaveProperty('good');
    expect(judgeCertificate(FILE, one(text), undefined)).toHaveProperty('good');
    expect(faultOf(judged(text, to + YEAR_MS))).toMatch('expired');
  });
});
