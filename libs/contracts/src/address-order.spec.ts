import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressKey, compareAddresses } from './address-order.js';

const sorted = (...addresses: string[]) => addresses.sort(compareAddresses);

describe('compareAddresses', () => {
  it('sorts IPv4 by number, not by text', () => {
    expect(sorted('10.0.0.10', '10.0.0.2', '9.255.255.255', '192.0.2.1', '10.0.1.0')).toEqual([
      '9.255.255.255',
      '10.0.0.2',
      '10.0.0.10',
      '10.0.1.0',
      '192.0.2.1',
    ]);
  });

  it('sorts IPv6 by number, not by text', () => {
    expect(sorted('2001:db8::10', '2001:db8:0:1::', '2001:db8::2', 'fe80::1', '::1', '2001:db8::')).toEqual([
      '::1',
      '2001:db8::',
      '2001:db8::2',
      '2001:db8::10',
      '2001:db8:0:1::',
      'fe80::1',
    ]);
  });

  it('puts IPv4 before IPv6, whatever the numbers', () => {
    expect(sorted('::1', '255.255.255.255', '::ffff:10.0.0.1', '10.0.0.1')).toEqual([
      '10.0.0.1',
      '255.255.255.255',
      '::1',
      '::ffff:10.0.0.1',
    ]);
  });

  it('sees through the spellings of one address', () => {
    expect(compareAddresses('2001:DB8:0:0::1', '2001:db8::0001')).toBe(0);
    expect(compareAddresses('::ffff:10.0.0.1', '::ffff:a00:1')).toBe(0);
    expect(compareAddresses('fe80::1%eth0', 'fe80::1%eth1')).toBeLessThan(0);
  });

  it('orders as the numbers do', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    const address = fc.array(group, { minLength: 8, maxLength: 8 });
    const text = (groups: number[]) => groups.map((value) => value.toString(16)).join(':');
    const number = (groups: number[]) => groups.reduce((sum, value) => sum * 65_536n + BigInt(value), 0n);
    fc.assert(
      fc.property(address, address, (a, b) => {
        const difference = number(a) - number(b);
        expect(Math.sign(compareAddresses(text(a), text(b)))).toBe(
          difference < 0n ? -1 : difference > 0n ? 1 : 0,
        );
        const shortened = text(a).replace(/(?:^|:)0(?::0)+(?::|$)/, '::');
        expect(addressKey(shortened)).toBe(addressKey(text(a)));
      }),
    );
  });
});
