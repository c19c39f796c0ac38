// What a changed weight costs a node whose kernel balances: the driver beside `nft -f` of the same text and nothing else.
import { spawnSync } from 'node:child_process';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { perUnit, processorTime, sumOf } from './processor-time.mjs';
import { percentile } from './statistics.mjs';

/** Slots of the table: what 40 targets get, and the least. */
const SIZES = [4_093, 251];
const SHARES = { p50: 0.5, p99: 0.99 };

/** Each process has a network namespace of its own, which ends with it: the rules of this machine are left alone. */
const APART = ['--net', process.execPath];

/** Measures it, or says why it cannot. */
export async function benchNftables(frame) {
  const lack = whatLacks();
  if (lack !== undefined) {
    frame.leftOut(`what needs nftables: ${lack}`);
    return;
  }
  for (const size of SIZES) await weightChanges(frame, size);
}

function whatLacks() {
  for (const program of ['nft', 'conntrack', 'unshare'])
    if (spawnSync(program, ['--version']).error) return `${program} is not installed`;
  const { status, stderr } = spawnSync('unshare', ['--net', 'nft', 'list', 'tables'], { encoding: 'utf8' });
  return status === 0 ? undefined : `no rules can be made in a network namespace: ${stderr.trim()}`;
}

/** By turns, in one round as many of each. */
async function weightChanges(frame, size) {
  const slots = `${size.toLocaleString('en-US')} slots`;
  frame.title(`nftables, a weight of one of three targets, ${slots}`);
  const row = (which, unit, goals) =>
    frame.row({
      figure: `${which}, ${slots}`,
      unit,
      limitName: 'nft -f of the same text',
      goals,
      perUnit: 'change',
    });
  const rows = {
    p50: row('p50', 'ms', []),
    p99: row('p99', 'ms', size === SIZES[0] ? [demand('value', { atMost: 100 })] : []),
    cpu: row('CPU per change', 'µs', []),
  };
  const children = [
    ['add', await startChild('alone/nft-weights.mjs', { size }, APART, 'unshare')],
    ['addLimit', await startChild('bare/nft-file.mjs', { size }, APART, 'unshare')],
  ];
  try {
    const changes = frame.scaled(200, 40);
    for (const round of frame.rounds) {
      for (const [add, child] of children) {
        const what = `weight changes of nftables, ${slots}, ${add === 'add' ? 'driver' : 'limit'}, round ${round}`;
        const { result, condition } = await frame.measured(what, () => changing(child, changes));
        const { times, cpu, bytes } = result;
        for (const [name, share] of Object.entries(SHARES))
          rows[name][add](percentile(times, share), { condition });
        const more = add === 'add' && cpu ? { cpu } : {};
        rows.cpu[add](cpu ? sumOf(cpu) : NaN, { ...more, condition });
        if (bytes !== undefined) rows.p50.note(`${Math.round(bytes / 1024)} KiB of commands each`);
      }
    }
    for (const one of Object.values(rows)) one.close();
  } finally {
    for (const [, child] of children) await child.stop();
  }
}

async function changing(child, changes) {
  const roots = [{ pid: child.pid, label: 'node', below: 'nft' }];
  const before = processorTime(roots);
  const { times, bytes } = await child.ask({ changes });
  return { times, bytes, cpu: perUnit(before, processorTime(roots), changes) };
}
