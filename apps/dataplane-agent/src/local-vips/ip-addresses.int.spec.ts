import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { optionalProgram, tellNotRun } from '@signalbox/testing';
import { IpAddresses } from './ip-addresses.js';

const IP = optionalProgram('ip', 'addresses of VIPs');
const namespace = `sbx-vips-${process.pid}`;
const run = (...args: readonly string[]): string | undefined => {
  const { status, stderr, error } = spawnSync(IP ?? '', args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr);
};
const lack = IP === undefined ? 'ip is not installed' : run('netns', 'add', namespace);
if (IP !== undefined && lack !== undefined) tellNotRun('addresses of VIPs', lack);

(lack === undefined ? describe : describe.skip)('addresses of an interface', () => {
  let directory = '';
  let addresses = new IpAddresses();

  beforeAll(() => {
    // the driver runs a program by its path: this one does what `ip` does, in the namespace
    directory = mkdtempSync(join(tmpdir(), 'signalbox-ip-'));
    const program = join(directory, 'ip');
    writeFileSync(program, `#!/bin/sh\nexec ${IP} -n ${namespace} "$@"\n`, { mode: 0o755 });
    addresses = new IpAddresses(program);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
    run('netns', 'del', namespace);
  });

  it('adds and removes many at once, of both families, and reads them back in one spelling', async () => {
    const all = Array.from({ length: 100 }, (_, at) => [
      `192.0.2.${at + 1}`,
      `2001:db8::${(at + 1).toString(16)}`,
    ])
      .flat()
      .map((address) => ({ address, interface: 'lo' }));
    expect(await addresses.add(all)).toBe('');
    const there = await addresses.list('lo');
    expect(all.filter(({ address }) => !there.has(address))).toEqual([]);
    expect(await addresses.remove(all)).toBe('');
    const after = await addresses.list('lo');
    expect(all.filter(({ address }) => after.has(address))).toEqual([]);
  });

  it('adds all others when one is refused, and says what the system said', async () => {
    const [good, bad] = [
      { address: '192.0.2.1', interface: 'lo' },
      { address: '192.0.2.2', interface: 'nowhere' },
    ];
    expect(await addresses.add([bad, good])).toContain('nowhere');
    expect((await addresses.list('lo')).has(good.address)).toBe(true);
    await expect(addresses.list('nowhere')).rejects.toMatchObject({ code: 'data-plane-unavailable' });
  });

  it('says what is missing when there is no such program', async () => {
    await expect(new IpAddresses('/nowhere/ip').list('lo')).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining('iproute2'),
    });
  });
});
