import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NodeBgpPeer, NodeVip, VipRoute } from '@signalbox/contracts';
import { readPeers } from './bgp-peers.js';
import { readRoutes } from './bgp-routes.js';

function peer(name: string, changes: Partial<NodeBgpPeer> = {}): NodeBgpPeer {
  return {
    ...{ name, address: '198.51.100.1', port: 179, asn: 65_001, localAsn: 65_010 },
    ...{ holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5, ...changes },
  };
}

function vip(address: string, route: Partial<VipRoute> = {}): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird', listeners: ['web'], interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 5000, route: { peers: ['b', 'a'], ...route } },
  };
}

const can = () => undefined;

describe('VIPs as routes', () => {
  const wanted = async (...vips: readonly NodeVip[]) => {
    const prefixes = ['192.0.2.0/24', '2001:db8::/64'];
    const peers = await readPeers(
      [peer('a'), peer('b'), peer('c', { passwordFile: '/nowhere/password' })],
      can,
    );
    return readRoutes({ node: 'lb-1', prefixes, peers: [], vips }, peers);
  };

  it('are told to their peers, with what is said of them', async () => {
    const { routes, refused } = await wanted(
      vip('192.0.2.10', { communities: ['65000:100', '65000:1:2', 'no-export'], med: 10, localPref: 200 }),
      vip('2001:db8::10', { peers: ['a', 'c'] }),
    );
    expect(refused.size).toBe(0);
    expect(routes).toEqual([
      {
        ...{ address: '192.0.2.10', peers: ['a', 'b'], med: 10, localPref: 200 },
        communities: [
          [65_000, 100],
          [65_000, 1, 2],
          [65_535, 65_281],
        ],
      },
      { address: '2001:db8::10', peers: ['a'], communities: [] },
    ]);
  });

  it.each([
    [vip('203.0.113.1'), 'no VipPool holds it'],
    [vip('2001:db8:0:1::1'), 'no VipPool holds it'],
    [vip('192.0.2.10', { communities: ['70000:1'] }), '70000:1 is no community'],
    [
      vip('192.0.2.10', { peers: ['c', 'd'] }),
      'none of its peers can be told (c: its password file /nowhere/password cannot be read: ENOENT; d: the node does not speak to it)',
    ],
  ])('are refused one by one: %#', async (one, why) => {
    const { routes, refused } = await wanted(one, vip('192.0.2.99'));
    expect(routes.map(({ address }) => address)).toEqual(['192.0.2.99']);
    expect([...refused]).toEqual([
      [one.address, { code: 'announce-refused', message: `${one.address} is not announced: ${why}` }],
    ]);
  });
});

describe('passwords of peers', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bgp-peers-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each<[text: string, expected: { readonly password?: string; readonly lack?: RegExp }]>([
    ['se cret!\n', { password: 'se cret!' }],
    ['secret', { password: 'secret' }],
    ['two\nlines\n', { lack: /must hold one line/ }],
    ['qu"ote', { lack: /without quotation marks/ }],
    ['', { lack: /must hold one line/ }],
    ['x'.repeat(81), { lack: /longer than 80/ }],
  ])('are one line of a file: %j', async (text, expected) => {
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, text);
    const { usable, lacks } = await readPeers([peer('a', { passwordFile })], can);
    if (expected.password !== undefined) expect(usable).toMatchObject([{ password: expected.password }]);
    else expect(lacks.get('a')).toMatch(expected.lack!);
  });

  it('are asked of nobody that the daemon cannot be told of', async () => {
    const { usable, lacks } = await readPeers([peer('a'), peer('b')], ({ name }) =>
      name === 'b' ? 'it is b' : undefined,
    );
    expect(usable.map(({ name }) => name)).toEqual(['a']);
    expect([...lacks]).toEqual([['b', 'it is b']]);
  });
});
