import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@signalbox/testing';
import { uptimeMs } from '../../leases/uptime.js';
import { ip } from '../../drivers/nftables/nft-world.fixture.js';
import { PATIENT } from '../contract/announcer-stage.fixture.js';
import { AddressStand } from './address.fixture.js';
import { SEGMENT, vipOf } from './address-world.fixture.js';
import { KernelAddresses } from './kernel-addresses.js';

const DEADLINE_MS = 30_000;
const FOUR = { address: '192.0.2.10', interface: 'dev0' };
const SIX = { address: '2001:db8:1::10', interface: 'dev0' };

describe('addresses of the kernel', () => {
  const kernel = new KernelAddresses('ip', 'n1');
  const found = async (by = kernel): Promise<string[]> =>
    (await by.look(DEADLINE_MS)).filter(({ isOurs }) => isOurs).map(({ address }) => address);

  beforeAll(() => {
    ip('link', 'add', 'dev0', 'type', 'veth', 'peer', 'name', 'far0');
    ip('link', 'set', 'dev0', 'up');
  });
  afterAll(() => ip('link', 'del', 'dev0'));

  it('are set for a time, after which the kernel takes them away by itself', async () => {
    const set = [FOUR, SIX].map((one) => ({ ...one, seconds: 2, notAfterMs: uptimeMs() + DEADLINE_MS }));
    expect(await kernel.set(set, DEADLINE_MS)).toBe(true);
    expect(await found()).toEqual([FOUR.address, SIX.address]);
    await until('the kernel to take them away', async () => (await found()).length === 0);
  });

  it('are not set by a child that is too late', async () => {
    const late = { ...FOUR, seconds: 60, notAfterMs: uptimeMs() - 20 };
    expect(await kernel.set([late], DEADLINE_MS)).toBe(false);
    expect(await found()).toEqual([]);
  });

  it('are taken back by a child that was held up in between', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'slow-ip-'));
    const program = join(directory, 'ip');
    await writeFile(program, '#!/bin/sh\nsleep 1\nexec ip "$@"\n', { mode: 0o755 });
    const late = { ...FOUR, seconds: 60, notAfterMs: uptimeMs() + 500 };
    expect(await new KernelAddresses(program, 'n1').set([late], DEADLINE_MS)).toBe(false);
    await rm(directory, { recursive: true });
    expect(await found()).toEqual([]);
  });

  it('of another node are not ours', async () => {
    await kernel.set([{ ...FOUR, seconds: 60, notAfterMs: uptimeMs() + DEADLINE_MS }], DEADLINE_MS);
    expect(await found(new KernelAddresses('ip', 'n2'))).toEqual([]);
    await kernel.remove([FOUR], DEADLINE_MS);
    expect(await found()).toEqual([]);
    await kernel.remove([FOUR], DEADLINE_MS);
  });

  it('cannot be asked of a program that is not there', async () => {
    const without = new KernelAddresses('/no/such/ip', 'n1');
    await expect(without.look(DEADLINE_MS)).rejects.toMatchObject({ code: 'announcer-unavailable' });
  });
});

describe('an announcer of addresses', () => {
  let stand: AddressStand | undefined;
  afterEach(async () => stand?.end());

  it('never touches an address that somebody else has set, refuses its VIP and leaves its lease to others', async () => {
    stand = await AddressStand.open();
    const [vip, second] = [vipOf('IPv4', 0), vipOf('IPv4', 1)];
    ip('addr', 'add', `${vip.address}/32`, 'dev', SEGMENT);
    const wanted = { ...stand.frame, vips: [vip, second] };
    const { vips } = await stand.announcer.apply(wanted, PATIENT);
    expect(vips[0]).toMatchObject({ state: 'refused', error: { code: 'announce-refused' } });
    await until('the other VIP', async () => (await stand?.announcer.observe())?.length === 1);
    expect(stand.leaders.keyOf(vip.address)).toBeUndefined();
    await stand.announcer.apply({ ...wanted, vips: [] }, PATIENT);
    expect(await stand.segment.reached([vip.address, second.address])).toEqual([vip.address]);
  });

  it('refuses VIPs on an interface that is not there', async () => {
    stand = await AddressStand.open();
    const vip = vipOf('IPv4', 0, { interface: 'none0' });
    const { vips } = await stand.announcer.apply({ ...stand.frame, vips: [vip] }, PATIENT);
    expect(vips[0]?.error?.message).toBe('there is no interface none0 on this node');
  });
});
