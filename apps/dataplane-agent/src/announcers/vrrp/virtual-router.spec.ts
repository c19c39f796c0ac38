import { describe, expect, it } from '@jest/globals';
import type { NodeVip } from '@signalbox/contracts';
import { nameAddress, routerOf, routersOf } from './virtual-router.js';

const VIP: NodeVip = {
  ...{ address: '192.0.2.1', announcement: 'edge', method: 'vrrp', listeners: ['web'], interface: 'eth0' },
  ...{ withdrawWithoutTargets: true, drainMs: 5_000 },
  leadership: { rank: 0, preempt: false, virtualRouterId: 51, advertMs: 1_000 },
};

describe('virtual routers', () => {
  it('have the priority that the rank of the node gives, and never the one of an owner or none', () => {
    const priorities = [0, 1, 5, 19, 20, 250].map(
      (rank) => routerOf({ ...VIP, leadership: { ...VIP.leadership!, rank } })?.priority,
    );
    expect(priorities).toEqual([200, 190, 150, 10, 1, 1]);
  });

  it('are apart for each family, interface and number', () => {
    const names = [
      VIP,
      { ...VIP, address: '2001:db8::1' },
      { ...VIP, interface: 'eth1' },
      { ...VIP, leadership: { ...VIP.leadership!, virtualRouterId: 7 } },
    ].map((vip) => routerOf(vip)?.name);
    expect(names).toEqual(['sb_51_ipv4_eth0', 'sb_51_ipv6_eth0', 'sb_51_ipv4_eth1', 'sb_7_ipv4_eth0']);
  });

  it('are none of a VIP that names none', () => {
    expect(routerOf({ ...VIP, leadership: { rank: 0, preempt: true } })).toBeUndefined();
  });

  it('hold their VIPs in the order of addresses, whatever order they came in', () => {
    const router = routerOf(VIP)!;
    const vips = ['192.0.2.10', '192.0.2.9'].map((address) => ({ address, router }));
    expect(routersOf(vips)).toEqual([{ ...router, vips: ['192.0.2.9', '192.0.2.10'] }]);
  });

  it('are named by one address for each number, whatever VIPs they have', () => {
    expect(nameAddress({ family: 'ipv4', id: 255 })).toBe('169.254.112.255');
    expect(nameAddress({ family: 'ipv6', id: 51 })).toBe('fe80::200:5eff:fe00:233');
    expect(nameAddress({ family: 'ipv6', id: 7 })).toBe('fe80::200:5eff:fe00:207');
  });
});
