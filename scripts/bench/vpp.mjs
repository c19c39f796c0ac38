// What a full sync of VPP takes when nothing differs, with the fake of the tests in the place of VPP.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { percentile } from './statistics.mjs';

const SIZE = { vips: 1_000, targets: 20 };

/** Measures the driver `vpp` against the fake. */
export async function benchVpp(frame) {
  frame.title('vpp, 1,000 VIPs with 20 targets each, against the fake');
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const path = join(dir, 'api.sock');
  const fake = await startChild('alone/vpp-fake.mjs', { path });
  const node = await startChild('alone/vpp-sync.mjs', { path, ...SIZE });
  try {
    const first = await node.ask({ what: 'sync', times: 1 });
    const row = frame.row({
      figure: 'full sync, no drift, p50',
      unit: 'ms',
      limitName: 'the same questions, answers thrown away',
      goals: [demand('value', { atMost: 200 })],
    });
    row.note(`${first.writes[0]} writes at first took ${Math.round(first.ms[0])} ms`);
    for (const round of frame.rounds)
      for (const [add, what] of [
        ['add', 'sync'],
        ['addLimit', 'ask'],
      ]) {
        const times = frame.scaled(20, 5);
        const { result, condition } = await frame.measured(`vpp, ${what}, round ${round}`, () =>
          node.ask({ what, times }),
        );
        if (what === 'sync' && result.writes.some((writes) => writes !== 0))
          throw new Error('a sync wrote although nothing differed');
        row[add](percentile(result.ms, 0.5), { condition });
      }
    row.close();
    const { mistakes } = await fake.ask({});
    if (mistakes.length > 0) throw new Error(`the driver made mistakes: ${mistakes.join('; ')}`);
  } finally {
    await node.stop();
    await fake.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
