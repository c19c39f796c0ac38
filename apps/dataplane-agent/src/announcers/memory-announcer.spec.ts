import type { NodeVip } from '@signalbox/contracts';
import { describeAnnouncer } from './announcer-contract.fixture.js';
import type { AnnouncerSubject } from './contract/announcer-stage.fixture.js';
import { BAD_ROUTER_ID, MemoryAnnouncer, MemoryNetwork } from './memory-announcer.fixture.js';

function vipAt(address: string): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird', listeners: ['web'], interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 5000, route: { peers: ['tor-a'] } },
  };
}

function subject(): Promise<AnnouncerSubject> {
  const network = new MemoryNetwork();
  const again = (): MemoryAnnouncer => new MemoryAnnouncer('bird', network);
  const change = (work: () => void): Promise<void> => {
    work();
    network.changed();
    return Promise.resolve();
  };
  return Promise.resolve({
    announcer: again(),
    frame: {
      node: 'lb-1',
      prefixes: ['192.0.2.0/24', '2001:db8::/64'],
      peers: [
        {
          ...{ name: 'tor-a', address: '198.51.100.1', port: 179, asn: 64_512, localAsn: 64_513 },
          ...{ holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 },
        },
      ],
    },
    vip: (family, number) =>
      vipAt(family === 'IPv4' ? `192.0.2.${number + 10}` : `2001:db8::${(number + 16).toString(16)}`),
    refusedVip: () => vipAt('203.0.113.9'),
    otherwise: (vip) => ({ ...vip, route: { peers: ['tor-a'], med: 50 } }),
    refusedWhole: () => ({ node: 'lb-1', routerId: BAD_ROUTER_ID, prefixes: [], peers: [], vips: [] }),
    seen: () => Promise.resolve(network.isAway ? [] : network.seen),
    othersWithdraw: (address) => change(() => network.standing.delete(address)),
    othersAnnounce: (vip) => change(() => network.standing.set(vip.address, vip)),
    otherChanges: () => change(() => network.downPeers.add('tor-a')),
    again: () => Promise.resolve(again()),
    daemon: {
      kill: () => change(() => (network.isAway = true)),
      start: () => change(() => (network.isAway = false)),
    },
    end: () => Promise.resolve(),
  });
}

describeAnnouncer('memory', subject, {
  ...{ method: 'bird', hasPeers: true, hasAttributes: true, refusesWholes: true, hasLeftovers: true },
  daemon: 'dies',
});
