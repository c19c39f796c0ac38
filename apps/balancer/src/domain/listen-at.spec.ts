import { describe, expect, it } from '@jest/globals';
import type { NodeSpec } from '@signalbox/contracts';
import { listenAt } from './listen-at.js';
import { aNode } from './node.fixture.js';

const VIP = '2001:db8::1';
const MAP: NodeSpec['listenMap'] = [
  { vip: '2001:DB8:0::1', listen: '127.0.0.2' },
  { vip: '2001:db8::1', port: 80, listen: '127.0.0.3', listenPort: 8080 },
  { vip: '2001:db8::1', port: 81, listen: '127.0.0.4' },
  { vip: '192.0.2.9', listen: '127.0.0.5', listenPort: 9 },
];

describe.each(['sim', 'haproxy', 'vpp'] as const)('where a node with the driver %s listens', (driver) => {
  const node = aNode('edge-1', { driver, listenMap: MAP });

  it.each([
    [VIP, 80, { address: '127.0.0.3', port: 8080 }],
    [VIP, 81, { address: '127.0.0.4', port: 81 }],
    ['2001:db8:0:0::1', 82, { address: '127.0.0.2', port: 82 }],
    ['192.0.2.9', 80, { address: '127.0.0.5', port: 9 }],
  ])('for %s port %i is what its map says', (vip, port, expected) => {
    expect(listenAt(node, vip, port)).toEqual(expected);
  });

  it.each(['192.0.2.1', '2001:db8::2'])('for %s, which the map does not name', (vip) => {
    expect(listenAt(node, vip, 80)).toEqual(driver === 'sim' ? { address: '127.0.0.1' } : undefined);
  });
});
