import { describe, expect, it } from '@jest/globals';
import { hostName, placeName } from './place-name.js';

describe('the name of a place', () => {
  it('is the address and the port', () => {
    expect(placeName('10.0.0.1', 80)).toBe('10.0.0.1:80');
    expect(placeName('2001:db8::1', 443)).toBe('[2001:0db8:0000:0000:0000:0000:0000:0001]:443');
  });

  it('is one for all spellings of an address', () => {
    expect(hostName('2001:DB8:0:0::1')).toBe(hostName('2001:db8::0001'));
    expect(hostName('::ffff:10.0.0.1')).toBe('[0000:0000:0000:0000:0000:ffff:0a00:0001]');
  });

  it('keeps zones apart', () => {
    expect(hostName('fe80::1%eth0')).toBe('[fe80:0000:0000:0000:0000:0000:0000:0001%eth0]');
  });
});
