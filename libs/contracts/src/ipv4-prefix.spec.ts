import { describe, expect, it } from '@jest/globals';
import { containsPrefix, parseIpv4Prefix } from './ipv4-prefix.js';

describe('parseIpv4Prefix', () => {
  it.each([
    ['10.0.0.0/8', { network: 10 * 2 ** 24, bits: 8 }],
    ['255.255.255.255/32', { network: 2 ** 32 - 1, bits: 32 }],
    ['10.1.2.3/8', { network: 10 * 2 ** 24, bits: 8 }],
    ['1.2.3.4/0', { network: 0, bits: 0 }],
  ])('reads %s', (text, prefix) => {
    expect(parseIpv4Prefix(text)).toEqual(prefix);
  });

  it.each([
    '',
    '10.0.0.0',
    '10.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '010.0.0.0/8',
    '::/0',
    '10.0.0.0/',
  ])('refuses %j', (text) => {
    expect(parseIpv4Prefix(text)).toBeUndefined();
  });
});

it.each([
  ['10.0.0.0/8', '10.255.255.255/32', true],
  ['10.0.0.0/8', '11.0.0.0/32', false],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/7', false],
  ['0.0.0.0/0', '255.0.0.1/32', true],
  ['192.168.1.128/25', '192.168.1.127/32', false],
])('%s contains %s: %s', (outer, inner, contained) => {
  expect(containsPrefix(parseIpv4Prefix(outer)!, parseIpv4Prefix(inner)!)).toBe(contained);
});
