import { describe, expect, it } from '@jest/globals';
import { addressesIn, joinRemovals, keepalivedText } from './keepalived-text.js';
import type { VirtualRouter } from './virtual-router.js';

const ROUTER: VirtualRouter = {
  ...{ name: 'sb_51_ipv4_eth0', id: 51, family: 'ipv4', interface: 'eth0', priority: 190 },
  ...{ preempt: false, advertMs: 150, vips: ['192.0.2.1', '192.0.2.2'] },
};
const SIX: VirtualRouter = {
  ...{ name: 'sb_51_ipv6_eth0', id: 51, family: 'ipv6', interface: 'eth0', priority: 200 },
  ...{ preempt: true, advertMs: 1_000, vips: ['2001:db8::1'] },
};

describe('the text for keepalived', () => {
  it('is the whole wish, with VIPs that advertisements do not name', () => {
    const { text, routerId } = keepalivedText([ROUTER, SIX], '/run/events');
    expect(text).toBe(`# Written by Signalbox: all VIPs that this node may lead. What is edited here is lost.
global_defs {
  router_id ${routerId}
  dynamic_interfaces
  vrrp_notify_fifo /run/events
  vrrp_priority -20
}

vrrp_instance sb_51_ipv4_eth0 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  priority 190
  advert_int 0.15
  nopreempt
  virtual_ipaddress {
    169.254.112.51/32 dev eth0 scope link
  }
  virtual_ipaddress_excluded {
    192.0.2.1/32 dev eth0
    192.0.2.2/32 dev eth0
  }
}

vrrp_instance sb_51_ipv6_eth0 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  priority 200
  advert_int 1
  virtual_ipaddress {
    fe80::200:5eff:fe00:233/128 dev eth0
  }
  virtual_ipaddress_excluded {
    2001:db8::1/128 dev eth0
  }
}
`);
  });

  it('is named by what it says: the same for the same, another for each difference', () => {
    const name = (router: VirtualRouter): string => keepalivedText([router], '/run/events').routerId;
    expect(name(ROUTER)).toBe(name({ ...ROUTER }));
    expect(name(ROUTER)).not.toBe(name({ ...ROUTER, preempt: true }));
    expect(name(ROUTER)).not.toBe(name({ ...ROUTER, vips: ['192.0.2.1'] }));
  });

  it('comes with how all of it is taken off interfaces', () => {
    const { removal } = keepalivedText([ROUTER, SIX], '/run/events');
    expect(removal).toBe(`address del 169.254.112.51/32 dev eth0
address del 192.0.2.1/32 dev eth0
address del 192.0.2.2/32 dev eth0
address del fe80::200:5eff:fe00:233/128 dev eth0
address del 2001:db8::1/128 dev eth0
`);
    expect([...addressesIn(removal)]).toEqual([
      ...['169.254.112.51', '192.0.2.1', '192.0.2.2', 'fe80::200:5eff:fe00:233', '2001:db8::1'],
    ]);
    expect(joinRemovals(removal, removal, 'address del 192.0.2.9/32 dev eth1\n')).toBe(
      `${removal}address del 192.0.2.9/32 dev eth1\n`,
    );
  });
});
