import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalAddress } from './ip-address.js';
import { addressText, addressValue, holds, type IpRange, readIpRange } from './ip-range.js';

function range(text: string): IpRange {
  const found = readIpRange(text);
  if (typeof found === 'string') throw new Error(`${text} ${found}`);
  return found;
}

function ends(text: string): string {
  const { family, first, last } = range(text);
  return `${addressText(family, first)} ${addressText(family, last)}`;
}

describe('addressText', () => {
  it('is the canonical spelling of what addressValue reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const family = address.includes(':') ? 'ipv6' : 'ipv4';
        expect(addressText(family, addressValue(address))).toBe(canonicalAddress(address));
      }),
    );
  });
});

describe('readIpRange', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0 192.0.2.255'],
    ['192.0.2.128/25', '192.0.2.128 192.0.2.255'],
    ['0.0.0.0/0', '0.0.0.0 255.255.255.255'],
    ['192.0.2.7', '192.0.2.7 192.0.2.7'],
    ['192.0.2.10-192.0.2.20', '192.0.2.10 192.0.2.20'],
    ['192.0.2.10 - 192.0.2.10', '192.0.2.10 192.0.2.10'],
    ['2001:db8::/64', '2001:db8:: 2001:db8::ffff:ffff:ffff:ffff'],
    ['2001:DB8::1-2001:db8::f', '2001:db8::1 2001:db8::f'],
  ])('reads %s', (text, expected) => expect(ends(text)).toBe(expected));

  it.each([
    ['192.0.2.7/24', 'has bits behind its prefix: write 192.0.2.0/24'],
    ['2001:db8::1/64', 'has bits behind its prefix: write 2001:db8::/64'],
    ['192.0.2.0/33', 'has a prefix length that is not 0 to 32'],
    ['192.0.2.20-192.0.2.10', 'ends before it begins'],
  ])('says what is wrong with %s', (text, problem) => expect(readIpRange(text)).toBe(problem));

  it.each([
    '',
    'edge',
    '192.0.2.0/',
    '192.0.2.0/24/1',
    '192.0.2.1-2001:db8::1',
    '192.0.2.1-192.0.2.2-192.0.2.3',
    '192.0.2',
  ])('refuses %p', (text) => expect(typeof readIpRange(text)).toBe('string'));
});

describe('holds', () => {
  it.each([
    ['192.0.2.9', false],
    ['192.0.2.10', true],
    ['192.0.2.20', true],
    ['192.0.2.21', false],
  ])('%s', (address, expected) =>
    expect(holds(range('192.0.2.10-192.0.2.20'), addressValue(address))).toBe(expected),
  );
});
