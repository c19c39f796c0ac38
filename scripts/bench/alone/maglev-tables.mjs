// The Maglev table of the agent beside a plain loop that makes the same table of equal weights, alone in a process.
import { answer, built } from './domain-of.mjs';

const { maglevTable } = await built('apps/dataplane-agent/src/domain/maglev-table.js');
const { maglevTargets, offsetOf, skipOf } = await built('apps/dataplane-agent/src/domain/maglev-contract.js');

answer(({ size, targets, tables }) => {
  const weighted = maglevTargets(
    Array.from({ length: targets }, (_, n) => ({
      address: `10.0.${n >> 8}.${n & 255}`,
      port: 80,
      weight: 100,
      flushes: 0,
    })),
  );
  const times = { ours: [], plain: [] };
  // by turns, so that both have the same machine; the first ones are for the compiler alone
  for (let n = -tables; n < tables; n += 1) {
    const [ours, plain] = [timed(() => maglevTable(weighted, size)), timed(() => plainTable(weighted, size))];
    if (n === 0 && !ours.made.every((target, slot) => target === plain.made[slot]))
      throw new Error('the table and that of the plain loop differ');
    if (n < 0) continue;
    times.ours.push(ours.ms);
    times.plain.push(plain.ms);
  }
  return { ours: median(times.ours), plain: median(times.plain) };
});

function timed(make) {
  const began = performance.now();
  const made = make();
  return { made, ms: performance.now() - began };
}

/** NSDI 2016 section 3.4 as it stands there, a step at a time, with a typed array and without a division. */
function plainTable(targets, size) {
  const table = new Int32Array(size).fill(-1);
  const next = targets.map(({ name }) => offsetOf(name, size));
  const skips = targets.map(({ name }) => skipOf(name, size));
  for (let filled = 0; ;) {
    for (let target = 0; target < next.length; target += 1) {
      let slot = next[target];
      while (table[slot] >= 0) {
        slot += skips[target];
        if (slot >= size) slot -= size;
      }
      table[slot] = target;
      next[target] = slot;
      filled += 1;
      if (filled === size) return table;
    }
  }
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
