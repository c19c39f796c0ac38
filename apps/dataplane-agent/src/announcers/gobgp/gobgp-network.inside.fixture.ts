import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { NodeBgpPeer, NodeVip } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { WantedAnnouncements } from '../announcer.js';
import type { RouterName, RouterOptions } from '../bgp/bgp-world.fixture.js';
import { PATIENT } from '../contract/announcer-stage.fixture.js';
import { GobgpStand } from './gobgp.fixture.js';

let stand: GobgpStand;

async function open(options: Partial<Record<RouterName, RouterOptions>> = {}): Promise<NodeVip> {
  stand = await GobgpStand.open(options);
  return stand.at('192.0.2.10');
}

function apply(vips: readonly NodeVip[], changes: Partial<WantedAnnouncements> = {}) {
  return stand.announcer.apply({ ...stand.frame, vips, ...changes }, PATIENT);
}

function peersWith(changes: Partial<NodeBgpPeer>): readonly NodeBgpPeer[] {
  const [first, ...others] = stand.frame.peers;
  return [{ ...first!, ...changes }, ...others];
}

async function untilRoutes(router: RouterName, ...addresses: readonly string[]): Promise<void> {
  await until(`router ${router} to have "${addresses.join(' ')}"`, () => {
    const found = stand.world.routers[router].routes().join(' ');
    if (found !== addresses.join(' ')) throw new Error(`it has "${found}"`);
    return true;
  });
}

describe('VIPs that gobgpd announces', () => {
  afterEach(() => stand.end());

  it('have communities, MED and local preference as they are set', async () => {
    await open();
    const route = { communities: ['65000:100', '65000:1:2', 'no-export'], med: 10, localPref: 200 };
    await apply([
      stand.at('192.0.2.10', route),
      stand.at('2001:db8:1::10', { ...route, med: 4_294_967_295 }),
    ]);
    const { a, b } = stand.world.routers;
    await untilRoutes('a', '192.0.2.10', '2001:db8:1::10');
    await untilRoutes('b', '192.0.2.10', '2001:db8:1::10');
    expect(a.attributes('192.0.2.10')).toEqual(
      expect.arrayContaining([
        'BGP.as_path: 65010',
        'BGP.next_hop: 198.51.100.2',
        'BGP.med: 10',
        'BGP.community: (65000,100) (65535,65281)',
        'BGP.large_community: (65000, 1, 2)',
      ]),
    );
    expect(a.attributes('2001:db8:1::10')).toEqual(
      expect.arrayContaining(['BGP.med: 4294967295', 'BGP.next_hop: 2001:db8:a::2']),
    );
    expect(b.attributes('192.0.2.10')).toEqual(
      expect.arrayContaining(['BGP.local_pref: 200', 'BGP.med: 10', 'BGP.next_hop: 203.0.113.2']),
    );
    expect(b.attributes('2001:db8:1::10')).toContain('BGP.next_hop: 2001:db8:b::2');
  });

  it('go to their peers alone, also when these change', async () => {
    const kept = await open();
    await apply([kept, stand.at('192.0.2.11', { peers: ['tor-b'] })]);
    await untilRoutes('a', '192.0.2.10');
    await untilRoutes('b', '192.0.2.10', '192.0.2.11');
    await apply([stand.at('192.0.2.10', { peers: ['tor-b'] }), stand.at('192.0.2.11', { peers: ['tor-a'] })]);
    await untilRoutes('a', '192.0.2.11');
    await untilRoutes('b', '192.0.2.10');
  });

  it('are the only ones that leave: no other route of gobgpd does, and none that a peer sent', async () => {
    const kept = await open({ a: { sends: '203.0.113.200/32' } });
    await apply([kept]);
    await untilRoutes('b', '192.0.2.10');
    for (const prefix of ['203.0.113.99/32', '192.0.2.0/25', '192.0.2.77/32'])
      stand.gobgp('global', 'rib', 'add', prefix);
    await until('the one that a peer sent', () =>
      stand.gobgp('neighbor', stand.world.routers.a.peer().address, 'adj-in').includes('203.0.113.200/32'),
    );
    // behind them, so that all of them could have come
    await stand.bySocket().apply({ ...stand.frame, vips: [kept, stand.at('192.0.2.12')] }, PATIENT);
    await untilRoutes('b', '192.0.2.10', '192.0.2.12');
    expect(stand.world.routers.b.birdc('show', 'route', 'count')).toMatch(/^2 of 2 routes/m);
  });

  it('are away with a gobgpd that was killed, which is told of all anew', async () => {
    const kept = await open();
    await apply([kept]);
    await untilRoutes('a', '192.0.2.10');
    let changes = 0;
    stand.announcer.onChange(() => (changes += 1));
    await stand.daemon.kill();
    await untilRoutes('a');
    await until('the agent to be told', () => changes > 0);
    const before = changes;
    await stand.daemon.start();
    await until('the agent to be told', () => changes > before);
    expect((await apply([kept])).writes).toBeGreaterThan(0);
    await untilRoutes('a', '192.0.2.10');
    await untilRoutes('b', '192.0.2.10');
    expect((await apply([kept])).writes).toBe(0);
  });
});

describe('sessions of gobgpd', () => {
  afterEach(() => stand.end());

  it('end right when the link went down and up twenty times', async () => {
    const kept = await open();
    const { a } = stand.world.routers;
    await apply([kept]);
    await untilRoutes('a', '192.0.2.10');
    for (let flap = 0; flap < 20; flap += 1) {
      a.link('down');
      await apply([kept, stand.at(`192.0.2.${20 + flap}`)]);
      a.link('up');
    }
    await apply([kept]);
    await untilRoutes('a', '192.0.2.10');
    await untilRoutes('b', '192.0.2.10');
    expect((await apply([kept])).writes).toBe(0);
  });

  it('need the password of the router', async () => {
    const kept = await open({ a: { password: 'se cret' } });
    const passwordFile = join(stand.world.directory, 'password');
    await writeFile(passwordFile, 'wrong\n');
    const peers = peersWith({ passwordFile });
    await apply([kept], { peers });
    await untilRoutes('b', '192.0.2.10');
    const [first] = await stand.announcer.sessions(PATIENT);
    expect(first).toMatchObject({ name: 'tor-a', state: 'starting' });
    await writeFile(passwordFile, 'se cret\n');
    await apply([kept], { peers });
    await untilRoutes('a', '192.0.2.10');
  });

  it('cannot have BFD, which is said, and no other suffers', async () => {
    const kept = await open();
    const peers = peersWith({ bfd: { receiveMs: 100, transmitMs: 100, multiplier: 3 } });
    await apply([kept], { peers });
    await untilRoutes('b', '192.0.2.10');
    const [first] = await stand.announcer.sessions(PATIENT);
    expect(first).toEqual({
      ...{ name: 'tor-a', state: 'down' },
      why: 'gobgpd knows no BFD: name no bfdProfile, or announce by bird',
    });
  });
});
