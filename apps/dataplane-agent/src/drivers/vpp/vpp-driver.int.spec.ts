import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { parsed } from './api/fake/ip46.fixture.js';
import { aListener, CONF } from './given-lb.fixture.js';
import type { VppDriver } from './vpp-driver.js';
import { PATIENT, VppSite } from './vpp-site.fixture.js';

const WEB = aListener({ '10.0.0.1': 100, '10.0.0.2': 50 });
const STICKY = { affinity: { type: 'source-ip', timeoutMs: 40_000 } } as const;
const VIP = '192.0.2.10/32 tcp 80';
const KEY = { prefix: parsed('192.0.2.10'), length: 128, protocol: 6, port: 80 };

let site: VppSite;
let driver: VppDriver;

beforeEach(async () => {
  site = await VppSite.start();
  driver = site.driver();
});

afterEach(() => site.stop());

function apply(...listeners: NodeListener[]) {
  return site.apply(driver, listeners);
}

async function observed() {
  return (await driver.observe(PATIENT)).map(({ name, targets }) => [
    name,
    Object.fromEntries(targets.map(({ address, weight }) => [address, weight])),
  ]);
}

/** The target with this address, as of now: down or disabled for the nth time. */
function cut(listener: NodeListener, address: string, flushes = 1): NodeListener {
  return {
    ...listener,
    targets: listener.targets.map((one) =>
      one.address === address ? { ...one, weight: 0, flushes, flush: true } : one,
    ),
  };
}

describe('the contract of data planes, on VPP', () => {
  it('makes settings, VIPs and targets, says where, and reads back what was applied', async () => {
    expect(await observed()).toEqual([]);
    const mail = aListener({ '10.0.0.9': 7 }, { name: 'mail', port: 25 });
    const { listeners, writes } = await apply(WEB, mail);
    expect(listeners).toMatchObject([
      { name: 'mail', state: 'applied', listensAt: { address: '192.0.2.10', port: 25 } },
      { name: 'web', state: 'applied', listensAt: { address: '192.0.2.10', port: 80 } },
    ]);
    expect(site.fake.writes).toEqual([
      'conf 192.0.2.254 2001:db8::fe buckets 1024 timeout 40',
      'vip 192.0.2.10/32 tcp 25 gre4 new_len 1024',
      'as 192.0.2.10/32 tcp 25 10.0.0.9 weight 7',
      `vip ${VIP} gre4 new_len 1024`,
      `as ${VIP} 10.0.0.1 weight 100`,
      `as ${VIP} 10.0.0.2 weight 50`,
    ]);
    expect(writes).toBe(6);
    expect(await observed()).toEqual([
      ['mail', { '10.0.0.9': 7 }],
      ['web', { '10.0.0.1': 100, '10.0.0.2': 50 }],
    ]);
    expect(site.fake.mistakes).toEqual([]);
  });

  it('writes nothing when VPP is as desired, also by a driver that has just begun (R7)', async () => {
    const all = [WEB, aListener({ '10.0.0.1': 0 }, { name: 'off', port: 81, ...STICKY })];
    await apply(...all);
    expect((await apply(...all)).writes).toBe(0);
    await driver.close();
    driver = site.driver();
    const turned = all.map((one) => ({ ...one, targets: [...one.targets].reverse() }));
    expect((await apply(...turned)).writes).toBe(0);
    expect(site.fake.writes).toEqual([]);
  });

  it('refuses a listener on its own; what served under its name goes on, and all others are applied', async () => {
    await apply(WEB);
    const refused = { ...WEB, algorithm: 'random', targets: [] } as const;
    const { listeners, writes } = await apply(
      refused,
      aListener({ '10.0.0.9': 1 }, { name: 'mail', port: 25 }),
    );
    expect(writes).toBe(2);
    expect(listeners).toMatchObject([
      { name: 'mail', state: 'applied' },
      { name: 'web', state: 'refused', error: { code: 'data-plane-refused' } },
    ]);
    expect(await observed()).toEqual([
      ['mail', { '10.0.0.9': 1 }],
      ['web', { '10.0.0.1': 100, '10.0.0.2': 50 }],
    ]);
  });

  it('has tables with equal digests where targets are equal', async () => {
    const both = await apply(WEB, aListener({ '10.0.0.2': 50, '10.0.0.1': 100 }, { name: 'b', port: 81 }));
    const [one, other] = both.listeners.map((result) => result.state === 'applied' && result.tableDigest);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toBe(one);
    const [changed] = (await apply(aListener({ '10.0.0.2': 50 }))).listeners;
    expect(changed).not.toMatchObject({ tableDigest: one });
  });

  it('sees what somebody else changed, and heals it', async () => {
    await apply(WEB);
    site.fake.plugin.setWeight(KEY, parsed('10.0.0.1'), 3, false);
    site.fake.plugin.addVip({ ...KEY, port: 99, encap: 0, tableLength: 1024, sticky: false });
    expect(await observed()).toEqual([
      ['VIP 192.0.2.10/32 tcp port 99', {}],
      ['web', { '10.0.0.1': 3, '10.0.0.2': 50 }],
    ]);
    await apply(WEB);
    expect(site.fake.writes).toEqual(['vip 192.0.2.10/32 tcp 99 del', `weight ${VIP} 10.0.0.1 100`]);
    site.fake.plugin.setConf({ ...site.fake.plugin.conf, timeout: 7 });
    expect(await driver.isOutsideChanged()).toBe(true);
    await apply(WEB);
    expect(site.fake.writes).toEqual(['conf 192.0.2.254 2001:db8::fe buckets 1024 timeout 40']);
    expect(await driver.isOutsideChanged()).toBe(false);
  });

  it('does not see a VIP that somebody made otherwise as the one of its listener', async () => {
    await apply(WEB);
    const { plugin } = site.fake;
    plugin.removeVip(KEY);
    plugin.addVip({ ...KEY, encap: 0, tableLength: 1024, sticky: true });
    for (const [address, weight] of [['10.0.0.1', 100] as const, ['10.0.0.2', 50] as const])
      plugin.addServer(KEY, parsed(address), weight, false);
    expect(await observed()).toEqual([]);
    expect((await apply(WEB)).writes).toBeGreaterThan(0);
    expect(await observed()).toHaveLength(1);
  });

  it('counts packets and flows', async () => {
    await apply(WEB);
    for (const port of [1, 2, 3, 3]) site.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port });
    const [web] = await driver.counters(PATIENT);
    expect(web).toMatchObject({ listener: 'web', connections: 3, connectionsTotal: 3, refusedTotal: 0 });
    expect(web!.targets.reduce((sum, one) => sum + one.connections, 0)).toBe(3);
    await apply(aListener());
    site.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port: 9 });
    expect(await driver.counters(PATIENT)).toMatchObject([{ refusedTotal: 1 }]);
  });

  it('takes a state without listeners, and lets go when another driver takes the node', async () => {
    await apply(WEB);
    expect((await site.apply(driver, [], undefined)).listeners).toEqual([]);
    expect(await observed()).toEqual([]);
    await apply(WEB);
    await driver.retire(PATIENT);
    expect(await observed()).toEqual([]);
  });

  it('refuses to begin without the addresses of its tunnels', async () => {
    const state = { node: 'edge-1', generation: 1, listeners: [WEB] };
    await expect(driver.apply(state, PATIENT)).rejects.toMatchObject({
      code: 'data-plane-refused',
      message: expect.stringContaining('declare a VppDataPlane'),
    });
    expect(site.fake.requests).not.toContain('lb_add_del_vip_v2');
  });

  it('serves all ports of a VIP, and two ports of one address that do not mix (R17)', async () => {
    const all = aListener(
      { '10.0.0.5': 9 },
      { name: 'all', address: '192.0.2.11', protocol: 'any', port: 0 },
    );
    const udp = aListener({ '10.0.0.6': 1 }, { name: 'dns', protocol: 'udp' });
    await apply(WEB, all, udp);
    expect(await observed()).toEqual([
      ['all', { '10.0.0.5': 9 }],
      ['dns', { '10.0.0.6': 1 }],
      ['web', { '10.0.0.1': 100, '10.0.0.2': 50 }],
    ]);
    expect((await apply(WEB, all, udp)).writes).toBe(0);
  });

  it('has IPv4 and IPv6 in front and behind, in every pair', async () => {
    const all = [
      aListener({ '10.0.0.1': 1 }, { name: 'a' }),
      aListener({ '2001:DB8:0::2': 1 }, { name: 'b', address: '192.0.2.11' }),
      aListener({ '10.0.0.1': 1 }, { name: 'c', address: '2001:db8::c' }),
      aListener({ '2001:db8::2': 1 }, { name: 'd', address: '2001:DB8::D' }),
    ];
    expect((await apply(...all)).listeners.map(({ state }) => state)).toEqual(all.map(() => 'applied'));
    expect((await apply(...all)).writes).toBe(0);
    expect(
      (await driver.observe(PATIENT)).map(({ address, targets }) => [address, targets[0]?.address]),
    ).toEqual(all.map(({ address, targets }) => [address, targets[0]?.address]));
    expect(site.fake.mistakes).toEqual([]);
  });
});

describe('regressions of upstream, on VPP', () => {
  it('R5: all targets from IPv4 to IPv6: the VIP is made anew, and no sync is wedged', async () => {
    await apply(WEB);
    const next = aListener({ '2001:db8::1': 100 });
    expect((await apply(next)).listeners).toMatchObject([{ state: 'applied' }]);
    expect(site.fake.writes).toEqual([
      `as ${VIP} 10.0.0.1 del flush`,
      `as ${VIP} 10.0.0.2 del flush`,
      `vip ${VIP} del`,
      `vip ${VIP} gre6 new_len 1024`,
      `as ${VIP} 2001:db8::1 weight 100`,
    ]);
    expect((await apply(next)).writes).toBe(0);
  });

  it('R6: a standby with flows that is disabled: its flows end, once', async () => {
    await apply(WEB);
    for (let port = 0; port < 50; port += 1)
      site.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port });
    const standby = aListener({ '10.0.0.1': 0, '10.0.0.2': 50 });
    await apply(standby);
    expect(site.flushes).toEqual([]);
    const disabled = cut(standby, '10.0.0.1');
    expect((await apply(disabled)).writes).toBe(0);
    await driver.flush({ listener: 'web', target: { address: '10.0.0.1', port: 80 } }, PATIENT);
    expect(site.fake.writes).toEqual([`weight ${VIP} 10.0.0.1 0 flush`]);
    expect((await driver.counters(PATIENT))[0]!.targets[0]!.connections).toBe(0);
    expect((await driver.counters(PATIENT))[0]!.targets[1]!.connections).toBeGreaterThan(0);
    expect((await apply(disabled)).writes).toBe(0);
  });

  it('ends flows at the weight that stands, also by a driver that has just begun, and of nobody who is not there', async () => {
    await apply(WEB);
    const flush = (address: string, listener = 'web') =>
      driver.flush({ listener, target: { address, port: 80 } }, PATIENT);
    site.fake.writes.length = 0;
    await flush('10.0.0.2');
    await flush('10.0.0.3');
    await flush('10.0.0.2', 'mail');
    expect(site.fake.writes).toEqual([`weight ${VIP} 10.0.0.2 50 flush`]);
  });

  it('a target that leaves while it is to be cut takes its flows with it; one that leaves otherwise does not (14.5)', async () => {
    await apply(cut(WEB, '10.0.0.1'));
    await apply(aListener());
    expect(site.fake.writes).toEqual([`as ${VIP} 10.0.0.1 del flush`, `as ${VIP} 10.0.0.2 del`]);
  });

  it('a target that comes back while its flows are remembered is added again (6.7)', async () => {
    await apply(WEB);
    for (let port = 0; port < 20; port += 1)
      site.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port });
    await apply(aListener({ '10.0.0.2': 50 }));
    expect(await observed()).toEqual([['web', { '10.0.0.2': 50 }]]);
    expect((await apply(WEB)).listeners).toMatchObject([{ state: 'applied' }]);
    expect(await observed()).toEqual([['web', { '10.0.0.1': 100, '10.0.0.2': 50 }]]);
  });

  it('R9: two controllers with shuffled input write identical sequences, and tables are identical', async () => {
    const other = await VppSite.start();
    try {
      const all = [
        WEB,
        aListener({ '10.0.0.10': 1, '10.0.0.9': 2, '10.0.0.2': 3 }, { name: 'b', port: 443 }),
        aListener({ '2001:db8::2': 3, '2001:db8::1': 4 }, { name: 'c', address: '2001:db8::10' }),
      ];
      const turned = [...all].reverse().map((one) => ({ ...one, targets: [...one.targets].reverse() }));
      await apply(...all);
      const twin = other.driver();
      await other.fake.stop();
      await other.fake.restart();
      await twin.apply({ node: 'edge-2', generation: 1, listeners: turned, vpp: CONF }, PATIENT);
      expect(other.fake.writes).toEqual(site.fake.writes);
      expect(other.fake.plugin.vips.map(({ table }) => table)).toEqual(
        site.fake.plugin.vips.map(({ table }) => table),
      );
    } finally {
      await other.stop();
    }
  });

  it('R16: a flipped affinity makes the VIP anew, once', async () => {
    await apply(WEB);
    const sticky = { ...WEB, ...STICKY };
    await apply(sticky);
    expect(site.fake.writes).toEqual([
      `as ${VIP} 10.0.0.1 del flush`,
      `as ${VIP} 10.0.0.2 del flush`,
      `vip ${VIP} del`,
      `vip ${VIP} gre4 new_len 1024 src_ip_sticky`,
      `as ${VIP} 10.0.0.1 weight 100`,
      `as ${VIP} 10.0.0.2 weight 50`,
    ]);
    expect((await apply(sticky)).writes).toBe(0);
    await driver.close();
    driver = site.driver();
    expect((await apply(sticky)).writes).toBe(0);
  });

  it('R16: where VPP does not say how clients are told apart, a VIP is made once, and taken at its word', async () => {
    const connect: typeof site.connect = async (deadline) => {
      const client = await site.connect(deadline);
      const ask = client.cli;
      const cli: typeof ask = async (...asked) => (await ask(...asked)).replaceAll(' src_ip_sticky', '');
      return Object.defineProperty(client, 'cli', { value: cli });
    };
    driver = site.driver({ connect });
    expect((await apply({ ...WEB, ...STICKY })).listeners).toMatchObject([{ state: 'applied' }]);
    expect(site.fake.writes.filter((write) => write.startsWith('vip'))).toHaveLength(1);
    expect((await apply({ ...WEB, ...STICKY })).writes).toBe(0);
    expect(await observed()).toHaveLength(1);
  });
});
