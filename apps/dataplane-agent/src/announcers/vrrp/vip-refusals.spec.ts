import { describe, expect, it } from '@jest/globals';
import { addressKey, type NodeVip } from '@signalbox/contracts';
import type { WantedAnnouncements } from '../announcer.js';
import { sortVips } from './vip-refusals.js';

function vip(address: string, changes: Partial<NodeVip> = {}): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'vrrp', listeners: ['web'], interface: 'eth0' },
    ...{ withdrawWithoutTargets: true, drainMs: 5_000 },
    leadership: { rank: 0, preempt: false, virtualRouterId: 51, advertMs: 1_000 },
    ...changes,
  };
}

const NODE = { names: new Set(['lo', 'eth0']), others: new Map([[addressKey('192.0.2.66'), 'lo']]) };
const FRAME = { node: 'lb-1', prefixes: ['192.0.2.0/25', '2001:db8::/64'], peers: [] };

function reasons(...vips: readonly NodeVip[]): string[] {
  const wanted: WantedAnnouncements = { ...FRAME, vips };
  const { accepted, refused } = sortVips(wanted, NODE);
  expect(accepted.length + refused.size).toBe(vips.length);
  return [...refused.values()].map(({ message }) => message.replace(/^.*by VRRP: /, ''));
}

describe('VIPs for keepalived', () => {
  it('are accepted of both families, inside of a pool', () => {
    expect(reasons(vip('192.0.2.1'), vip('192.0.2.127'), vip('2001:db8::1'))).toEqual([]);
  });

  it.each([
    ['outside of all pools', vip('192.0.2.128'), 'it lies in no VipPool'],
    ['of the other family than the pool', vip('::ffff:192.0.2.1'), 'it lies in no VipPool'],
    [
      'without a virtual router',
      vip('192.0.2.1', { leadership: { rank: 0, preempt: true } }),
      'it names no virtual router',
    ],
    [
      'on an interface that is not there',
      vip('192.0.2.1', { interface: 'eth7' }),
      'this node has no interface eth7',
    ],
    [
      'on what would be more than a name',
      vip('192.0.2.1', { interface: 'a } b' }),
      '"a } b" is no name of an interface',
    ],
    [
      'that somebody else has put on the node',
      vip('192.0.2.66'),
      'lo has the address already, and not from Signalbox: whoever leads, this node would answer',
    ],
  ])('are refused %s', (_what, bad, reason) => {
    expect(reasons(vip('192.0.2.2'), bad)).toEqual([reason]);
  });

  it('are refused when their virtual router is already led otherwise', () => {
    const other = vip('192.0.2.2', { leadership: { ...vip('').leadership!, rank: 3 } });
    expect(reasons(vip('192.0.2.1'), other)).toEqual(['other VIPs of virtual router 51 are led otherwise']);
  });
});
