import { until } from '@signalbox/testing';
import { describeAnnouncer } from '../announcer-contract.fixture.js';
import type { AnnouncerSubject } from '../contract/announcer-stage.fixture.js';
import { PREFIXES, vrrpVip } from './vrrp-node.fixture.js';
import { VrrpWorld } from './vrrp-world.fixture.js';

/** First numbers of VIPs: what is below are addresses of machines. */
const FIRST = 16;
const FIRST_OF_MANY = 130;

async function subject(): Promise<AnnouncerSubject> {
  const world = await VrrpWorld.open();
  const { n1 } = world.nodes;
  return {
    announcer: n1.announcer,
    frame: { node: 'n1', prefixes: PREFIXES, peers: [] },
    vip: (family, number) =>
      vrrpVip(
        family === 'IPv4' ? `10.4.0.${FIRST_OF_MANY + number}` : `fd00:4::${(FIRST + number).toString(16)}`,
      ),
    refusedVip: () => vrrpVip('203.0.113.9'),
    otherwise: (vip) => ({ ...vip, leadership: { ...vip.leadership!, virtualRouterId: 52 } }),
    // a number that no virtual router can have
    refusedWhole: () => ({
      ...{ node: 'n1', prefixes: PREFIXES, peers: [] },
      vips: [vrrpVip('10.4.0.40', { virtualRouterId: 300 })],
    }),
    seen: () => Promise.resolve(n1.addresses()),
    othersWithdraw: (address) => Promise.resolve(n1.takeAddress(address)),
    otherChanges: async () => {
      world.setLink('n1', 'down');
      await until('the VIP to go with its link', () => n1.addresses().length === 0);
      world.setLink('n1', 'up');
    },
    again: async () => {
      await n1.restartAgent();
      return n1.announcer;
    },
    daemon: {
      kill: async () => {
        await n1.setInstalled(false);
        n1.kill('keepalived');
        await until('keepalived to end', () => n1.pids('keepalived').length === 0);
      },
      start: () => n1.setInstalled(true),
      hang: () => Promise.resolve(n1.signal('keepalived', 'SIGSTOP')),
      wake: () => Promise.resolve(n1.signal('keepalived', 'SIGCONT')),
    },
    end: () => world.close(),
  };
}

describeAnnouncer('vrrp', subject, {
  ...{ method: 'vrrp', hasPeers: false, hasAttributes: true, refusesWholes: true, hasLeftovers: false },
  ...{ daemon: 'hangs', healsItself: true },
});
