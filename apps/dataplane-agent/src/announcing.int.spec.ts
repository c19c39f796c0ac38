import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lintMetrics, until } from '@signalbox/testing';
import type { AgentSite } from './agent.fixture.js';
import type { NodeWriter } from './node-writer.fixture.js';
import { at, vip, VipSite } from './vip-site.fixture.js';

jest.setTimeout(120_000);

const [A, B] = ['192.0.2.10', '192.0.2.11'];

let vips: VipSite;
let site: AgentSite;
let writer: NodeWriter;

beforeEach(async () => {
  vips = await VipSite.start();
  ({ site, writer } = vips);
});
afterEach(() => site.stop());

describe('the order of things', () => {
  it('gives the node the address, then serves, then announces, and tells to whom', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    expect(await vips.untilTold(A, 'announced')).toMatchObject({
      announcement: 'edge',
      method: 'bird',
      to: ['tor-a'],
    });
    expect(site.journal).toEqual([`add ${A}`, `serve web ${A}`, `announce ${A}`]);
    expect(site.records.at(-1)).toMatchObject({ appliedGeneration: 1, state: 'ready' });
    expect(site.records.flatMap(({ peers = [] }) => peers).at(-1)).toMatchObject({
      name: 'tor-a',
      state: 'up',
      bfd: 'up',
    });
    expect(site.records.at(-1)?.trafficDigest).toMatch(/^[0-9a-f]+$/);
    expect(await site.state()).toMatchObject({ vips: [{ address: A, state: 'announced' }] });
  });

  it('withdraws what leaves, serves it for the time of the drain, and only then ends it and takes the address', async () => {
    await site.agent();
    vips.announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    await vips.untilTold(B, 'announced');
    site.journal.length = 0;
    vips.announce(vip(A));
    await writer.write(at(A, 'web', 50));
    await until('the address to be taken away', () => site.journal.includes(`remove ${B}`));
    expect(site.journal).toEqual([`withdraw ${B}`, `end mail ${B}`, `remove ${B}`]);
    await vips.untilTold(B, undefined);
    await until('a record that the listener is gone', () =>
      site.records.some(({ gone }) => gone.includes('mail')),
    );
    expect(site.network.seen).toEqual([A]);
  });

  it('applies all else of a state at once while a VIP leaves, and reports the listener as long as it stands', async () => {
    await site.agent();
    const long = { drainMs: 600_000 };
    vips.announce(vip(A), vip(B, ['mail'], long));
    await writer.write(at(B, 'mail'), at(A));
    await vips.untilTold(B, 'announced');
    vips.announce(vip(A));
    const generation = await writer.write(at(A, 'web', 50));
    const record = await site.applied(generation);
    expect(record.gone).toEqual([]);
    expect(site.plane.standing.get('web')?.targets[0]?.weight).toBe(50);
    expect((await vips.untilTold(B, 'withdrawn'))?.why).toBe('the node is not to announce it any more');
    expect([...site.plane.standing.keys()].sort()).toEqual(['mail', 'web']);

    // it comes back before it has left
    site.journal.length = 0;
    vips.announce(vip(A), vip(B, ['mail'], long));
    await writer.write(at(B, 'mail', 70), at(A, 'web', 50));
    await vips.untilTold(B, 'announced');
    expect(site.journal).toEqual([`announce ${B}`]);
    expect(site.plane.standing.get('mail')?.targets[0]?.weight).toBe(70);
  });

  it('moves a VIP to another listener without withdrawing it', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.journal.length = 0;
    vips.announce(vip(A, ['new']));
    const generation = await writer.write(at(A, 'new'));
    await site.applied(generation);
    expect(site.journal.sort()).toEqual([`end web ${A}`, `serve new ${A}`]);
    expect(site.network.seen).toEqual([A]);
  });

  it('leaves a listener that moves to another VIP where it is until clients have heard of it', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    vips.announce(vip(B));
    await writer.write(at(B));
    await vips.untilTold(B, 'announced');
    const entries = [`withdraw ${A}`, `end web ${A}`, `serve web ${B}`, `announce ${B}`];
    expect(vips.journalOf(...entries)).toEqual(entries);
  });

  it('announces 200 VIPs in one change, and withdraws them in one', async () => {
    await site.agent();
    const names = Array.from({ length: 200 }, (_, index) => `l${String(index).padStart(3, '0')}`);
    const addresses = names.map((_, index) => `192.0.2.${index + 10}`);
    vips.announce(...addresses.map((address, index) => vip(address, [names[index] ?? ''])));
    await writer.write(...addresses.map((address, index) => at(address, names[index])));
    await until('200 VIPs on the network', () => site.network.seen.length === 200);
    expect(site.network.changes).toEqual([200]);
    writer.announcements = undefined;
    await writer.write();
    await until('none of them', () => site.network.seen.length === 0);
    expect(site.network.changes).toEqual([200, 200]);
    await until('their addresses to be gone', () => site.addresses.links.get('lo')?.size === 2);
    expect(site.plane.standing.size).toBe(0);
  });
});

describe('what a node is ready for', () => {
  it('withdraws a VIP without targets at once, and announces it again with the first', async () => {
    await site.agent();
    vips.announce(vip(A), vip(B, ['mail'], { withdrawWithoutTargets: false }));
    await writer.write(at(B, 'mail'), at(A));
    await vips.untilTold(A, 'announced');
    await writer.write(at(B, 'mail', 0), at(A, 'web', 0));
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toBe('no target of it can be used');
    expect(site.network.seen).toEqual([B]);
    await writer.write(at(B, 'mail', 0), at(A, 'web', 1));
    await vips.untilTold(A, 'announced');
    expect(site.network.seen).toEqual([A, B]);
  });

  it('does not announce a VIP that it may not, or whose listener is refused, or that cannot be its address', async () => {
    site.plane.refusals.set('web', { code: 'data-plane-refused', message: 'no such protocol' });
    site.addresses.refused.add('192.0.2.12');
    await site.agent();
    vips.announce(vip(A), vip(B, ['mail'], { barred: 'dns is on lb-2 alone' }), vip('192.0.2.12', ['other']));
    await writer.write(at(B, 'mail'), at('192.0.2.12', 'other'), at(A));
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toBe('no listener of it stands: web');
    expect((await vips.untilTold(B, 'withdrawn'))?.why).toBe('dns is on lb-2 alone');
    expect((await vips.untilTold('192.0.2.12', 'withdrawn'))?.why).toBe(
      'it cannot be an address of lo: no room',
    );
    expect(site.network.seen).toEqual([]);
  });

  it('drains: withdraws all, serves what still comes, and announces all again', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.journal.length = 0;
    vips.drain();
    await writer.write(at(A));
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toBe('the node is drained');
    expect(site.records.at(-1)?.drained).toBe(true);
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    expect(site.records.at(-1)).not.toHaveProperty('drained');
    expect(site.journal).toEqual([`withdraw ${A}`, `announce ${A}`]);
  });
});

describe('what fails', () => {
  it('keeps what is announced while the data plane is away, and announces nothing new', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.plane.isAway = true;
    vips.announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    await until('a record that the data plane is away', () => site.records.at(-1)?.state === 'unavailable');
    expect((await vips.untilTold(B, 'withdrawn'))?.why).toBe('the data plane has not taken it yet');
    expect(vips.told(A)?.state).toBe('announced');
    expect(site.network.seen).toEqual([A]);
    site.plane.isAway = false;
    await vips.untilTold(B, 'announced');
    const entries = [`announce ${A}`, `serve mail ${B}`, `announce ${B}`];
    expect(vips.journalOf(...entries)).toEqual(entries);
    expect(site.journal).not.toContain(`withdraw ${A}`);
  });

  it('withdraws what leaves and what has no target also while the data plane is away', async () => {
    await site.agent();
    vips.announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    await vips.untilTold(B, 'announced');
    site.plane.isAway = true;
    vips.announce(vip(A));
    await writer.write(at(A, 'web', 0));
    await until('nothing on the network', () => site.network.seen.length === 0);
    expect(site.plane.standing.size).toBe(2);
  });

  it('withdraws all when the data plane is known to serve nobody, and announces behind the next apply', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.plane.isAway = true;
    site.plane.isDead = true;
    await writer.write(at(A, 'web', 50));
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toMatch(/^the data plane serves nobody: /);
    site.plane.isAway = false;
    await vips.untilTold(A, 'announced');
    expect(site.plane.standing.get('web')?.targets[0]?.weight).toBe(50);
  });

  it('goes on with the data plane while an announcer is away, says so, and announces all once it is back', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.network.isAway = true;
    site.network.changed();
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toBe('the daemon is away');
    vips.announce(vip(A), vip(B, ['mail']));
    const generation = await writer.write(at(B, 'mail'), at(A));
    await site.applied(generation);
    await until('an alarm', async () =>
      (await vips.alarms()).some(({ kind }) => kind === 'announcer-unavailable'),
    );
    expect(site.records.flatMap(({ peers = [] }) => peers).at(-1)).toMatchObject({ state: 'down' });
    site.network.isAway = false;
    await vips.untilTold(B, 'announced');
    expect(site.network.seen).toEqual([A, B]);
    await until('no alarm', async () => (await vips.alarms()).length === 0);
  });

  it('keeps what was announced when the daemon refuses all of a change, and says so', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.network.refusesAll = true;
    vips.announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    expect((await vips.untilTold(B, 'refused'))?.why).toBe('the daemon refuses line 7');
    expect(site.network.seen).toEqual([A]);
    expect(vips.told(A)?.state).toBe('announced');
    expect(await vips.alarms()).toMatchObject([
      { kind: 'announcer-unavailable', reason: 'announce-refused' },
    ]);
    site.network.refusesAll = false;
    vips.announce(vip(A), vip(B, ['mail'], { drainMs: 400 }));
    await writer.write(at(B, 'mail'), at(A));
    await vips.untilTold(B, 'announced');
  });

  it('refuses a VIP on its own, with an alarm', async () => {
    site.network.refusals.set(B, { code: 'announce-refused', message: 'no such interface' });
    await site.agent();
    vips.announce(vip(A), vip(B, ['mail']));
    await writer.write(at(B, 'mail'), at(A));
    expect((await vips.untilTold(B, 'refused'))?.why).toBe('no such interface');
    await vips.untilTold(A, 'announced');
    expect(await vips.alarms()).toMatchObject([{ kind: 'vip-refused', name: B }]);
  });

  it('tells of sessions and leaders that change by themselves, without asking all the time', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    const { applies } = site.network;
    site.network.downPeers.add('tor-a');
    site.network.changed();
    expect((await vips.untilTold(A, 'withdrawn'))?.why).toContain('tor-a (Hold timer expired)');
    site.network.downPeers.clear();
    site.network.leaders.set(A, 'lb-2');
    site.network.changed();
    expect((await vips.untilTold(A, 'standby'))?.why).toBe('node lb-2 leads it');
    expect(site.network.applies).toBe(applies);
  });

  it('stays right over a session that flaps and weights that come and go', async () => {
    await site.agent();
    vips.announce(vip(A));
    for (let round = 1; round <= 20; round += 1) {
      await writer.write(at(A, 'web', round % 2 === 0 ? 100 : 0));
      if (round % 3 === 0) site.network.downPeers.add('tor-a');
      else site.network.downPeers.clear();
      site.network.changed();
    }
    site.network.downPeers.clear();
    site.network.changed();
    await site.applied(20);
    expect((await vips.untilTold(A, 'announced'))?.to).toEqual(['tor-a']);
    expect(site.network.seen).toEqual([A]);
    expect([site.network.mostInWork, site.plane.mostInWork]).toEqual([1, 1]);
  });

  it('announces again what somebody else withdrew, withdraws what was left there, and counts both', async () => {
    writer.syncIntervalMs = 100;
    const { url } = await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.network.standing.delete(A);
    await until('it to be announced again', () => site.network.seen.join() === A);
    site.network.standing.set(B, vip(B));
    await until('the other to be withdrawn', () => site.network.seen.join() === A);
    expect(site.journal.filter((entry) => entry === `announce ${A}`)).toHaveLength(2);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const ours = metrics.split('\n').filter((line) => /signalbox_(vip|bgp)_/.test(line));
    expect(lintMetrics(`${ours.join('\n')}\n`)).toEqual([]);
    expect(ours).toEqual(
      expect.arrayContaining([
        'signalbox_vip_drift_total{node="local"} 2',
        `signalbox_vip_announced{method="bird",node="local",vip="${A}"} 1`,
        'signalbox_bgp_session_up{node="local",peer="tor-a"} 1',
        'signalbox_bgp_bfd_up{node="local",peer="tor-a"} 1',
      ]),
    );
  });
});

describe('a VIP of two methods', () => {
  it('is announced by the other one once the first has withdrawn it', async () => {
    await site.agent();
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(A, 'announced');
    site.journal.length = 0;
    vips.announce(vip(A, ['web'], { method: 'gobgp' }));
    await writer.write(at(A));
    await until(
      'the other method to have it',
      () => vips.told(A)?.method === 'gobgp' && vips.told(A)?.state === 'announced',
    );
    expect(site.journal).toEqual([`withdraw ${A}`, `announce ${A}`]);
  });
});
