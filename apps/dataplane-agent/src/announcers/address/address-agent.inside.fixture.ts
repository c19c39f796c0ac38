import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { decodeLeaderLease, leaderSubject, LEADERS_STREAM, type LeaderLease } from '@signalbox/contracts';
import { createLog } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import { ip } from '../../drivers/nftables/nft-world.fixture.js';
import { at, vip, VipSite } from '../../vip-site.fixture.js';
import { announcerFactory } from '../announcer-of.js';
import { KernelAddresses } from './kernel-addresses.js';

jest.setTimeout(120_000);

const A = '192.0.2.10';
const HELD = {
  ...vip(A),
  method: 'address',
  interface: 'dev0',
  leadership: { rank: 0, preempt: false, leaseMs: 4000 },
} as const;

let vips: VipSite;
beforeEach(async () => {
  ip('link', 'add', 'dev0', 'type', 'veth', 'peer', 'name', 'far0');
  for (const device of ['dev0', 'far0']) ip('link', 'set', device, 'up');
  vips = await VipSite.start();
  vips.site.announcers = announcerFactory;
});
afterEach(async () => {
  await vips.site.stop();
  ip('link', 'del', 'dev0');
});

async function has(): Promise<boolean> {
  const all = await new KernelAddresses('ip', 'local').look(30_000);
  return all.some(({ address, isOurs }) => address === A && isOurs);
}

async function lease(): Promise<LeaderLease> {
  const found = await vips.site.bus.manager.streams.getMessage(LEADERS_STREAM, {
    last_by_subj: leaderSubject(A),
  });
  return decodeLeaderLease(found.data);
}

describe('an agent whose VIP is held by a lease', () => {
  it('says that it waits for the bucket, leads once it is there, and gives the VIP back in order when it is drained', async () => {
    const { site, writer } = vips;
    await site.agent();
    vips.announce(HELD);
    await writer.write(at(A));
    expect((await vips.untilTold(A, 'standby'))?.why).toMatch(/LEADERS is not there yet|NATS is away/);
    await ensureStream(site.bus.manager, STREAM_DEFINITIONS.leaders, createLog('silent'));
    await vips.untilTold(A, 'announced');
    expect(await has()).toBe(true);
    expect(await lease()).toMatchObject({ node: 'local', rank: 0, leaseMs: 4000 });
    vips.drain();
    await writer.write(at(A));
    await until('the lease to be given back', async () => (await lease()).released);
    expect(await has()).toBe(false);
  });

  it('goes on with what it led when it is started again in time', async () => {
    const { site, writer } = vips;
    await ensureStream(site.bus.manager, STREAM_DEFINITIONS.leaders, createLog('silent'));
    const running = await site.agent();
    vips.announce({ ...HELD, leadership: { ...HELD.leadership, leaseMs: 20_000 } });
    await writer.write(at(A));
    await until('the address', has);
    await site.end(running);
    expect(await has()).toBe(true);
    const { run } = await lease();
    await site.agent();
    await until('the next process to renew the lease', async () => (await lease()).run !== run);
    expect(await has()).toBe(true);
    expect((await lease()).released).toBeUndefined();
  });
});
