import { describe, expect, it } from '@jest/globals';
import { addressText, type IpRange, readIpRange } from '@signalbox/contracts';
import fc from 'fast-check';
import { rangePrefixes } from './range-prefixes.js';

const range = (text: string): IpRange => readIpRange(text) as IpRange;

describe('the prefixes of a range', () => {
  it.each([
    ['192.0.2.0/24', ['192.0.2.0/24']],
    ['192.0.2.7', ['192.0.2.7/32']],
    ['0.0.0.0/0', ['0.0.0.0/0']],
    ['192.0.2.10-192.0.2.20', ['192.0.2.10/31', '192.0.2.12/30', '192.0.2.16/30', '192.0.2.20/32']],
    ['2001:db8::/64', ['2001:db8::/64']],
    ['2001:db8::1-2001:db8::4', ['2001:db8::1/128', '2001:db8::2/127', '2001:db8::4/128']],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['::/0']],
  ])('%s', (text, prefixes) => expect(rangePrefixes(range(text))).toEqual(prefixes));

  it('hold each of its addresses, and no other', () =>
    fc.assert(
      fc.property(
        fc.constantFrom<'ipv4' | 'ipv6'>('ipv4', 'ipv6'),
        fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
        fc.bigInt({ min: 0n, max: 5000n }),
        (family, first, more) => {
          const last = first + more < 2n ** 32n ? first + more : 2n ** 32n - 1n;
          const parts = rangePrefixes({ family, first, last }).map(range);
          expect(parts[0]!.first).toBe(first);
          expect(parts.at(-1)!.last).toBe(last);
          for (const [at, part] of parts.slice(1).entries()) expect(part.first).toBe(parts[at]!.last + 1n);
          expect(addressText(family, first)).toBe(addressText(family, parts[0]!.first));
        },
      ),
    ));
});
