import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { NodeBgpPeer, NodeVip } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { type RouterName, type RouterOptions, vipAt } from '../bgp/bgp-world.fixture.js';
import type { WantedAnnouncements } from '../announcer.js';
import { PATIENT } from '../contract/announcer-stage.fixture.js';
import { BirdStand } from './bird.fixture.js';

const BFD = { receiveMs: 100, transmitMs: 100, multiplier: 3 };

let stand: BirdStand;

async function open(options: Partial<Record<RouterName, RouterOptions>> = {}): Promise<void> {
  stand = await BirdStand.open(options);
}

function wish(vips: readonly NodeVip[], changes: Partial<WantedAnnouncements> = {}): WantedAnnouncements {
  return { ...stand.frame, vips, ...changes };
}

function apply(vips: readonly NodeVip[], changes: Partial<WantedAnnouncements> = {}) {
  return stand.announcer.apply(wish(vips, changes), PATIENT);
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

async function session(name: string) {
  return (await stand.announcer.sessions(PATIENT)).find((one) => one.name === name);
}

const KEPT = vipAt('192.0.2.10');

describe('VIPs that BIRD announces', () => {
  afterEach(() => stand.end());

  it('have communities, MED and local preference as they are set', async () => {
    await open();
    const route = { communities: ['65000:100', '65000:1:2', 'no-export'], med: 10, localPref: 200 };
    await apply([vipAt('192.0.2.10', route), vipAt('2001:db8:1::10', { ...route, med: 4_294_967_295 })]);
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
    expect(a.attributes('2001:db8:1::10')).toContain('BGP.med: 4294967295');
    expect(b.attributes('192.0.2.10')).toEqual(
      expect.arrayContaining(['BGP.local_pref: 200', 'BGP.med: 10', 'BGP.next_hop: 203.0.113.2']),
    );
  });

  it('go to their peers alone', async () => {
    await open();
    const result = await apply([KEPT, vipAt('192.0.2.11', { peers: ['tor-b'] })]);
    expect(result.vips.map(({ state }) => state)).toEqual(['announced', 'announced']);
    await untilRoutes('a', '192.0.2.10');
    await untilRoutes('b', '192.0.2.10', '192.0.2.11');
    await apply([vipAt('192.0.2.10', { peers: ['tor-b'] }), vipAt('192.0.2.11', { peers: ['tor-a'] })]);
    await untilRoutes('a', '192.0.2.11');
    await untilRoutes('b', '192.0.2.10');
  });

  it('stay inside when no pool holds them, whoever brought them into our table', async () => {
    await open();
    await apply([KEPT]);
    await untilRoutes('a', '192.0.2.10');
    await stand.operatorAdds(
      'protocol static stray { ipv4 { table sb_vips4; import all; };' +
        ' route 203.0.113.99/32 blackhole { sb_to = 1; }; route 192.0.2.128/25 blackhole; route 192.0.2.77/32 blackhole; }',
    );
    const text = await readFile(stand.include, 'utf8');
    await writeFile(
      stand.include,
      text.replace(/^( *route )(192.0.2.10\/32)(.*)$/m, '$1$2$3\n$1198.51.100.99/32$3\n$1192.0.2.0/25$3'),
    );
    stand.birdc('configure');
    await until('all of it in the table', () => {
      const told = stand.birdc('show', 'route', 'table', 'sb_vips4');
      return ['203.0.113.99/32', '192.0.2.77/32', '198.51.100.99/32', '192.0.2.0/25'].every((one) =>
        told.includes(one),
      );
    });
    // of a route that is sent behind them, all that could have come before it has come
    await writeFile(
      stand.include,
      (await readFile(stand.include, 'utf8')).replace(
        /^( *route )(192.0.2.10\/32)(.*)$/m,
        '$1$2$3\n$1192.0.2.200/32$3',
      ),
    );
    stand.birdc('configure');
    await untilRoutes('a', '192.0.2.10', '192.0.2.200');
    expect(stand.world.routers.a.birdc('show', 'route', 'count')).toMatch(/^2 of 2 routes/m);
  });

  it('never come into the tables of the operator', async () => {
    await open();
    await apply([KEPT]);
    await untilRoutes('a', '192.0.2.10');
    expect(stand.birdc('show', 'route', 'table', 'master4')).not.toContain('192.0.2.10');
  });
});

describe('a file that BIRD does not take', () => {
  afterEach(() => stand.end());

  it('leaves the one before in its place, and says which line', async () => {
    await open();
    await apply([KEPT]);
    await untilRoutes('a', '192.0.2.10');
    const before = await readFile(stand.include, 'utf8');
    // clashes with the operator's own: only BIRD can tell
    await stand.operatorAdds('define sb_bgp_other = 1;');
    const clash = [...stand.frame.peers, { ...stand.world.routers.a.peer(), name: 'other' }];
    await expect(apply([KEPT, vipAt('192.0.2.11')], { peers: clash })).rejects.toMatchObject({
      code: 'announce-refused',
      message: expect.stringMatching(/node\.conf:\d+:\d+ ./),
    });
    expect(await readFile(stand.include, 'utf8')).toBe(before);
    await untilRoutes('a', '192.0.2.10');
    await apply([KEPT, vipAt('192.0.2.11')]);
    await untilRoutes('a', '192.0.2.10', '192.0.2.11');
  });

  it('is not read at all when the configuration does not include it', async () => {
    await open();
    await writeFile(stand.config, 'router id 198.51.100.2;\nprotocol device {}\n');
    stand.birdc('configure');
    await expect(apply([KEPT])).rejects.toMatchObject({
      code: 'announcer-unavailable',
      message: expect.stringContaining(`put  include "${stand.include}";  into its configuration`),
    });
  });

  it('is not written over one of somebody else', async () => {
    await open();
    await writeFile(stand.include, '# mine\n');
    await expect(apply([KEPT])).rejects.toMatchObject({
      code: 'announcer-unavailable',
      message: expect.stringContaining('was not written by Signalbox'),
    });
    expect(await readFile(stand.include, 'utf8')).toBe('# mine\n');
  });

  it('is read by the next agent when one was killed before BIRD was told of it', async () => {
    await open();
    const more = vipAt('192.0.2.11');
    await apply([KEPT, more]);
    const text = await readFile(stand.include, 'utf8');
    await apply([KEPT]);
    await untilRoutes('a', '192.0.2.10');
    // as one leaves it that is killed in the middle
    await writeFile(stand.include, text);
    await writeFile(`${stand.include}.next`, 'half of a fi');
    const next = await stand.again();
    expect((await next.apply(wish([KEPT, more]), PATIENT)).writes).toBe(1);
    await untilRoutes('a', '192.0.2.10', '192.0.2.11');
    expect((await next.apply(wish([KEPT, more]), PATIENT)).writes).toBe(0);
  });

  it('is not touched as long as nothing changes', async () => {
    await open();
    await apply([KEPT]);
    const { mtimeNs, ino } = await stat(stand.include, { bigint: true });
    await apply([KEPT]);
    expect(await stat(stand.include, { bigint: true })).toMatchObject({ mtimeNs, ino });
    expect((await stat(stand.include)).mode & 0o777).toBe(0o640);
  });
});

describe('sessions of BIRD', () => {
  afterEach(() => stand.end());

  it('come back by themselves after kill -9 of BIRD, with all VIPs', async () => {
    await open();
    await apply([KEPT, vipAt('2001:db8:1::10')]);
    await untilRoutes('a', '192.0.2.10', '2001:db8:1::10');
    let changes = 0;
    stand.announcer.onChange(() => (changes += 1));
    await stand.daemon.kill();
    await untilRoutes('a');
    await until('the agent to be told', () => changes > 0);
    await stand.daemon.start();
    await untilRoutes('a', '192.0.2.10', '2001:db8:1::10');
    expect((await apply([KEPT, vipAt('2001:db8:1::10')])).writes).toBe(0);
  });

  it('end by BFD when the way is lost and nobody is told, and come back with it', async () => {
    await open({ a: { hasBfd: true } });
    const peers = peersWith({ bfd: BFD, holdSeconds: 90, keepaliveSeconds: 30 });
    await apply([KEPT], { peers });
    await untilRoutes('a', '192.0.2.10');
    await until('BFD', async () => (await session('tor-a'))?.bfd === 'up');
    let changes = 0;
    stand.announcer.onChange(() => (changes += 1));
    const { a } = stand.world.routers;
    a.cut();
    await until('the router to lose the way', () => a.routes().length === 0);
    await until('the session to be seen as lost', async () => {
      const found = await session('tor-a');
      return found?.state !== 'up' && found?.bfd === 'down';
    });
    expect(changes).toBeGreaterThan(0);
    expect((await session('tor-b'))?.state).toBe('up');
    expect((await stand.announcer.observe(PATIENT)).map(({ to }) => to)).toEqual([['tor-b']]);
    a.mend();
    await untilRoutes('a', '192.0.2.10');
    await until('the session', async () => (await session('tor-a'))?.state === 'up');
  });

  it('leave BFD to the operator who has it: two of them would take packets of each other', async () => {
    await open({ a: { hasBfd: true } });
    const peers = peersWith({ bfd: BFD });
    await apply([KEPT], { peers });
    await until('BFD', async () => (await session('tor-a'))?.bfd === 'up');
    await stand.operatorAdds('protocol bfd mine {}');
    expect((await apply([KEPT], { peers })).writes).toBe(1);
    expect((await apply([KEPT], { peers })).writes).toBe(0);
    expect(await readFile(stand.include, 'utf8')).not.toContain('protocol bfd');
    await until('BFD of the operator', async () => (await session('tor-a'))?.bfd === 'up');
    await untilRoutes('a', '192.0.2.10');
  });

  it('end right when the link went down and up twenty times', async () => {
    await open({ a: { hasBfd: true } });
    const peers = peersWith({ bfd: BFD });
    const { a } = stand.world.routers;
    await apply([KEPT], { peers });
    await untilRoutes('a', '192.0.2.10');
    for (let flap = 0; flap < 20; flap += 1) {
      a.link('down');
      await apply([KEPT, vipAt(`192.0.2.${20 + flap}`)], { peers });
      a.link('up');
    }
    await apply([KEPT], { peers });
    await until('the session', async () => (await session('tor-a'))?.state === 'up');
    await untilRoutes('a', '192.0.2.10');
    await untilRoutes('b', '192.0.2.10');
    expect((await apply([KEPT], { peers })).writes).toBe(0);
  });

  it('need the password of the router', async () => {
    await open({ a: { password: 'se cret' } });
    const passwordFile = join(stand.world.directory, 'password');
    await writeFile(passwordFile, 'wrong\n');
    const peers = peersWith({ passwordFile });
    await apply([KEPT], { peers });
    await untilRoutes('b', '192.0.2.10');
    expect((await session('tor-a'))?.state).toBe('starting');
    await writeFile(passwordFile, 'se cret\n');
    await apply([KEPT], { peers });
    await untilRoutes('a', '192.0.2.10');
  });

  it('that cannot be are told with the reason, and no other suffers', async () => {
    await open();
    const peers = peersWith({ passwordFile: '/nowhere/password' });
    const result = await apply([KEPT, vipAt('192.0.2.11', { peers: ['tor-a'] })], { peers });
    expect(result.vips.map(({ state }) => state)).toEqual(['announced', 'refused']);
    await untilRoutes('b', '192.0.2.10');
    expect(await session('tor-a')).toEqual({
      ...{ name: 'tor-a', state: 'down' },
      why: 'its password file /nowhere/password cannot be read: ENOENT',
    });
  });

  it('that somebody disabled by hand are enabled by the next apply', async () => {
    await open();
    await apply([KEPT]);
    await untilRoutes('a', '192.0.2.10');
    stand.birdc('disable', 'sb_bgp_tor_a');
    await untilRoutes('a');
    expect(await session('tor-a')).toEqual({ name: 'tor-a', state: 'down', why: 'disabled by hand' });
    expect((await apply([KEPT])).writes).toBe(1);
    await untilRoutes('a', '192.0.2.10');
  });
});
