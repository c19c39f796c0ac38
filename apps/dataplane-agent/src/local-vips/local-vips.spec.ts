import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createLog } from '@signalbox/runtime';
import { KeptFile } from '../kept-file.js';
import type { LinkAddress } from './link-addresses.js';
import { LocalVips } from './local-vips.js';
import { MemoryAddresses } from './memory-addresses.fixture.js';

const log = createLog('silent');
const on = (address: string): LinkAddress => ({ address, interface: 'lo' });
const [A, B, SIX] = [on('192.0.2.10'), on('192.0.2.11'), on('2001:db8::10')];

let directory: string;
let links: MemoryAddresses;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-vips-'));
  links = new MemoryAddresses();
});
afterEach(() => rm(directory, { recursive: true }));

async function open(): Promise<{ readonly vips: LocalVips; readonly kept: KeptFile }> {
  const kept = await KeptFile.open(directory, 'local', log);
  return { kept, vips: new LocalVips(links, kept, log) };
}

it('adds what is missing, once, and takes away what is not wanted any more', async () => {
  const { vips } = await open();
  await vips.add([A, SIX]);
  await vips.add([A, SIX]);
  await vips.removeOthers([SIX]);
  expect(links.journal).toEqual([`add ${A.address}`, `add ${SIX.address}`, `remove ${A.address}`]);
  expect(vips.problems.size).toBe(0);
});

it('never takes away an address of somebody else', async () => {
  links.links.get('lo')?.add(A.address);
  const { vips } = await open();
  await vips.add([A, B]);
  await vips.removeOthers([]);
  expect([...(links.links.get('lo') ?? [])]).toEqual(['127.0.0.1', '::1', A.address]);
});

it('knows its own over a kill at the worst moment: they are remembered before they are added', async () => {
  const first = await open();
  let kept = '';
  const add = links.add.bind(links);
  links.add = async (addresses) => {
    kept = JSON.stringify((await open()).kept.memory.localVips);
    return add(addresses);
  };
  await first.vips.add([A]);
  expect(JSON.parse(kept)).toEqual([A]);
  await first.kept.settle();
  const next = await open();
  await next.vips.removeOthers([]);
  expect(links.links.get('lo')?.has(A.address)).toBe(false);
  expect(next.kept.memory.localVips).toEqual([]);
});

it('puts back what somebody took away', async () => {
  const { vips } = await open();
  await vips.add([A]);
  links.links.get('lo')?.delete(A.address);
  await vips.add([A]);
  expect(links.links.get('lo')?.has(A.address)).toBe(true);
});

it('says why an address cannot be added, adds the others, and does not take the one of who adds it later', async () => {
  links.refused.add(A.address);
  const { vips } = await open();
  await vips.add([A, B, { address: '192.0.2.12', interface: 'eth7' }]);
  expect([...vips.problems]).toEqual([
    [A.address, 'it cannot be an address of lo: no room'],
    ['192.0.2.12', 'it cannot be an address of eth7: there is no interface eth7'],
  ]);
  expect(links.links.get('lo')?.has(B.address)).toBe(true);
  links.links.get('lo')?.add(A.address);
  await vips.removeOthers([]);
  expect(links.links.get('lo')?.has(A.address)).toBe(true);
  links.refused.clear();
  await vips.add([A]);
  expect(vips.problems.size).toBe(0);
});
