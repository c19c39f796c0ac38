import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalAddress, familyOf } from './ip-address.js';

describe('addresses', () => {
  it.each([
    ['10.0.0.1', 'ipv4'],
    ['::1', 'ipv6'],
    ['::ffff:10.0.0.1', 'ipv6'],
    ['fe80::1%eth0', undefined],
    ['10.0.0.256', undefined],
    ['010.0.0.1', undefined],
    ['10.0.0.1/32', undefined],
    ['[::1]', undefined],
    ['example.net', undefined],
    ['', undefined],
  ])('%j is %s', (text, family) => {
    expect(familyOf(text)).toBe(family);
  });

  it('have one spelling', () => {
    expect(canonicalAddress('2001:0DB8:0:0::0001')).toBe('2001:db8::1');
    expect(canonicalAddress('::ffff:10.0.0.1')).toBe(canonicalAddress('::FFFF:0a00:1'));
    expect(canonicalAddress('10.0.0.1')).toBe('10.0.0.1');
    expect(canonicalAddress('Edge.Example')).toBe('edge.example');
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const once = canonicalAddress(address);
        expect(familyOf(once)).toBe('ipv6');
        expect(canonicalAddress(once)).toBe(once);
        expect(canonicalAddress(address.toUpperCase())).toBe(once);
      }),
    );
  });
});
