import { describe, expect, it } from '@jest/globals';
import { readDump } from './keepalived-dump.js';
import { standingVips } from './standing-vips.js';

/** As keepalived 2.2.7 wrote it, without lines that nobody reads. */
const DUMP = `------< Global definitions >------
 Network namespace = (default)
 Router ID = sb-0123456789abcdef
 Default interface = eth0
------< VRRP Topology >------
 VRRP Instance = sb_51_ipv4_eth0
   VRRP Version = 3
   State = MASTER
   Flags:
   Wantstate = MASTER
   Interface = eth0
   Using src_ip = 10.9.0.1
   Virtual Router ID = 51
   Virtual IP (1):
     169.254.112.51 dev eth0 scope link set
   Virtual IP Excluded :
     10.9.0.100 dev eth0 scope global set
     10.9.0.101 dev eth0 scope global
   fd_in 16, fd_out 17
   Notify deleted = Fault
 VRRP Instance = sb_51_ipv6_eth0
   Using Native IPv6
   State = BACKUP
   Master router = fe80::e0e6:21ff:fe65:965e
   Master priority = 190
   Interface = eth0
   Virtual IP (1):
     fe80::200:5eff:fe00:233 dev eth0 scope global deprecated
   Virtual IP Excluded :
     fd00:9::100 dev eth0 scope global deprecated
   fd_in 18, fd_out 19
 VRRP Instance = sb_7_ipv4_eth1
   State = FAULT
   Number of interface and track script faults = 2
   Interface = eth1
   Virtual IP Excluded :
     10.9.0.9 dev eth1 scope global
 VRRP Instance = sb_8_ipv4_eth0
   State = BACKUP
   Master router = ff02::12
   Master priority = 0
   Interface = eth0
   Virtual IP Excluded :
     10.9.0.8 dev eth0 scope global
------< VRRP Sockpool >------
   Interface = eth0
   VRRP instances
     sb_51_ipv4_eth0
------< Interfaces >------
 Name = lo
   State = UP, RUNNING, no broadcast, loopback, no multicast
`;

describe('what keepalived says of itself', () => {
  it('tells its text, and who leads each VIP', () => {
    expect(readDump(DUMP)?.routerId).toBe('sb-0123456789abcdef');
    expect(standingVips(readDump(DUMP))).toEqual([
      { address: '10.9.0.8', state: 'standby', why: 'no leader is found yet' },
      { address: '10.9.0.9', state: 'standby', why: 'eth1 is down, or has no address to speak from' },
      { address: '10.9.0.100', state: 'announced' },
      { address: '10.9.0.101', state: 'standby', why: 'it leads, and eth0 has lost the address' },
      { address: 'fd00:9::100', state: 'standby', why: 'the node with fe80::e0e6:21ff:fe65:965e leads it' },
    ]);
  });

  it('is not read before all of it is there', () => {
    for (let size = 0; size < DUMP.indexOf('------< Interfaces'); size += 1)
      expect(readDump(DUMP.slice(0, size))).toBeUndefined();
  });

  it('is nothing while keepalived is not to run', () => {
    expect(standingVips(undefined)).toEqual([]);
  });
});
