import { describe, expect, it } from '@jest/globals';
import { addressesIn } from './kernel-addresses.js';

const MARK = 1_526_726_700;
const TOLD = JSON.stringify([
  {
    ifname: 'eth0',
    addr_info: [
      { family: 'inet', local: '192.0.2.10', prefixlen: 32, metric: MARK, valid_life_time: 7 },
      { family: 'inet', local: '192.0.2.11', prefixlen: 32, metric: MARK, valid_life_time: 4_294_967_295 },
      { family: 'inet', local: '192.0.2.12', prefixlen: 24, valid_life_time: 60 },
      { family: 'inet6', local: '2001:db8::1', prefixlen: 128, metric: MARK + 1, valid_life_time: 7 },
    ],
  },
  { ifname: 'far0' },
]);

describe('addresses that the kernel tells', () => {
  it('are ours by their metric, and never those that last for ever', () => {
    const all = addressesIn(TOLD, MARK);
    expect(all.map(({ address, isOurs }) => [address, isOurs])).toEqual([
      ['192.0.2.10', true],
      ['192.0.2.11', false],
      ['192.0.2.12', false],
      ['2001:db8::1', false],
    ]);
    expect(all[0]).toEqual({ address: '192.0.2.10', interface: 'eth0', isOurs: true, leftSeconds: 7 });
  });

  it('are none when there is no interface, and an error when nobody can read them', () => {
    expect(addressesIn('', MARK)).toEqual([]);
    expect(() => addressesIn('Device "x" does not exist.', MARK)).toThrow('cannot be read');
  });
});
