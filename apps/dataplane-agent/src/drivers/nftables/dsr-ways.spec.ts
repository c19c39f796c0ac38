import { describe, expect, it } from '@jest/globals';
import { dsrAddresses, onItsWays, wayWarning } from './dsr-ways.js';
import { appliedListener } from './nft-applied.js';
import { aListener, DSR_TARGETS } from './nft-listener.fixture.js';
import { linkFacts } from './link-facts.js';

const KNOWN = ['10.0.0.9', '10.0.0.11'];
const facts = linkFacts(
  [
    [{ ifname: 'eth1', flags: ['UP'], link_type: 'ether' }],
    KNOWN.map((dst) => ({ dst, dev: 'eth1', state: ['REACHABLE'] })),
    ...DSR_TARGETS.map(({ address }) => [{ dst: address, dev: 'eth1' }]),
  ]
    .map((list) => JSON.stringify(list))
    .join('\n'),
);
const direct = aListener({ forwarding: 'dsr', algorithm: 'maglev', tableSize: 251, targets: DSR_TARGETS });
const machine = { addresses: new Set<string>(), forwards: { IPv4: false } };

describe('a listener whose targets answer clients themselves', () => {
  it('has the way of each target as it is now, whatever it was', () => {
    const now = onItsWays(direct, facts);
    expect(now.targets.map(({ device }) => device)).toEqual(['eth1', undefined, 'eth1']);
    expect(now.targets[1]).not.toHaveProperty('device');
    expect(JSON.stringify(onItsWays(now, facts))).toBe(JSON.stringify(now));
  });

  it('asks for its targets alone', () => {
    expect(dsrAddresses([aListener(), direct, direct])).toEqual(DSR_TARGETS.map(({ address }) => address));
    const nat = aListener();
    expect(onItsWays(nat, facts)).toBe(nat);
  });

  it('is warned of targets with a weight to which there is no way, the first three of them', () => {
    expect(wayWarning(direct, facts)).toBe(
      'target 10.0.0.10 gets no traffic: nobody on eth1 says that the address is theirs',
    );
    const idle = direct.targets.map((target) => ({ ...target, weight: 0 }));
    expect(wayWarning({ ...direct, targets: idle }, facts)).toBeUndefined();
    const many = [1, 2, 3, 4, 5].map((host) => ({ address: `10.7.0.${host}`, port: 80, weight: 1 }));
    const warning = wayWarning({ ...direct, targets: many }, facts);
    expect(warning?.match(/gets no traffic/g)).toHaveLength(3);
    expect(warning).toMatch(/; and 2 more$/);
  });

  it('reaches nobody when no target with a weight has a way', () => {
    const told = (...addresses: readonly string[]) => {
      const targets = addresses.map((address) => ({ address, port: 80, weight: 1 }));
      return appliedListener({ ...direct, targets }, 'web', machine, facts);
    };
    expect(told('10.7.0.1', '10.7.0.2')).toMatchObject({ state: 'applied', reachesNobody: true });
    expect(told('10.7.0.1', KNOWN[0]!)).not.toHaveProperty('reachesNobody');
    expect(told()).not.toHaveProperty('reachesNobody');
  });

  it('tells the digest of the table that it really has, and needs no forwarding', () => {
    const told = (one: typeof direct) => appliedListener(one, 'web', machine, facts);
    const now = onItsWays(direct, facts);
    const [whole, lost] = [
      told({ ...direct, targets: now.targets.map((target) => ({ ...target, device: 'eth1' })) }),
      told(now),
    ];
    expect(whole).toMatchObject({ state: 'applied', tableDigest: expect.any(String) });
    expect(lost).toMatchObject({ state: 'applied', tableDigest: expect.any(String) });
    expect(lost).not.toEqual(whole);
    expect(JSON.stringify(lost)).not.toContain('ip_forward');
  });
});
