import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeCertificate, type NodeListener } from '@signalbox/contracts';
import { sourceKey } from '../certificates/certificate-judge.js';
import type { GoodCertificate } from '../certificates/judge-certificate.js';
import type { StandingCertificate } from './certificate-copies.js';
import { shownCertificates } from './shown-certificates.js';

const [SHOP, MAIL] = ['shop', 'mail'].map((name) => ({ name, file: `/tls/${name}.pem` })) as [
  NodeCertificate,
  NodeCertificate,
];
const served = { sha256: 'a'.repeat(64), names: ['shop.example'], notBefore: 'then', notAfter: 'later' };
const good: GoodCertificate = { pem: 'secret', sha1: 'AB', served };

function listener(name: string, ...certificates: readonly NodeCertificate[]): NodeListener {
  return {
    ...{ name, address: '192.0.2.1', protocol: 'terminated-https', port: 443, algorithm: 'round-robin' },
    ...{ timeouts: DEFAULT_TIMEOUTS, targets: [], tls: { certificates, minVersion: '1.2', http2: true } },
  };
}

const standing = (
  ...pairs: readonly (readonly [NodeCertificate, StandingCertificate])[]
): ReadonlyMap<string, StandingCertificate> => new Map(pairs.map(([one, how]) => [sourceKey(one), how]));

describe('what listeners show to clients', () => {
  it('is each of their certificates, and nothing of a key', () => {
    const both = listener('both', SHOP, MAIL);
    const { shown, refused } = shownCertificates([both], standing([SHOP, { good }], [MAIL, { good }]));
    expect(shown.get('both')).toEqual({
      certificates: [
        { name: 'shop', ...served },
        { name: 'mail', ...served },
      ],
    });
    expect(refused.size).toBe(0);
  });

  it('is what was good before, with a warning, or is refused where nothing was', () => {
    const how = standing([SHOP, { good, fault: 'is expired' }], [MAIL, { fault: 'is not there' }]);
    const { shown, refused } = shownCertificates([listener('a', SHOP), listener('b', SHOP, MAIL)], how);
    expect(shown.get('a')).toEqual({
      certificates: [{ name: 'shop', ...served }],
      warning: 'tls.certificates[0] (shop): is expired; what was good before is served on',
    });
    expect(refused).toEqual(
      new Map([
        [
          'b',
          {
            code: 'certificate-unusable',
            message:
              'listener b cannot be served: tls.certificates[0] (shop): is expired; ' +
              'tls.certificates[1] (mail): is not there',
          },
        ],
      ]),
    );
  });

  it('names a few faults and counts the rest', () => {
    const many = Array.from({ length: 5 }, (_none, at) => ({ name: `c${at}`, file: `/tls/${at}` }));
    const how = standing(...many.map((one) => [one, { fault: 'is bad' }] as const));
    const message = shownCertificates([listener('web', ...many)], how).refused.get('web')?.message;
    expect(message).toMatch(/c0.*c1.*c2\): is bad; and 2 more$/);
  });
});
