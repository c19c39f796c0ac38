// Load balancing: the table of Maglev, traffic through the drivers, applies, and what a changed weight costs a site.
import { spawnSync } from 'node:child_process';
import { benchChanges } from './balance-changes.mjs';
import { benchDiscovery } from './balance-discovery.mjs';
import { benchNftables } from './balance-nftables.mjs';
import { benchTraffic } from './balance-traffic.mjs';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { withState } from './site.mjs';
import { percentile } from './statistics.mjs';

const TABLE = { size: 65_537, targets: 1000 };
const CLAIMS = 100_000;
const UNCHANGED = { listeners: 1000, targets: 20 };

/** Measures everything about load balancing; what needs HAProxy only where it is installed. */
export async function benchBalance(frame) {
  const hasHaproxy = spawnSync('haproxy', ['-v']).status === 0;
  await table(frame);
  await claims(frame);
  await unchanged(frame, 'sim', 'the state as JSON');
  await benchTraffic(frame, 'sim');
  if (hasHaproxy) {
    await unchanged(frame, 'haproxy', 'the state as JSON, reads of file and servers');
    await benchTraffic(frame, 'haproxy');
    await weights(frame);
  } else frame.leftOut('what needs HAProxy, which is not installed');
  await benchNftables(frame);
  await benchChanges(frame);
  await benchDiscovery(frame);
}

async function table(frame) {
  frame.title('Maglev, the function alone');
  const row = frame.row({
    figure: `table of ${TABLE.size.toLocaleString('en-US')} slots, ${TABLE.targets.toLocaleString('en-US')} targets`,
    unit: 'ms',
    limitName: 'plain loop that makes the same table',
    goals: [demand('value', { atMost: 2.5 })],
  });
  for (const round of frame.rounds) {
    const child = await startChild('alone/maglev-tables.mjs');
    const { result, condition } = await frame.measured(`Maglev table, round ${round}`, () =>
      child.ask({ ...TABLE, tables: frame.scaled(200, 50) }),
    );
    await child.stop();
    row.add(result.ours, { condition });
    row.addLimit(result.plain);
  }
  row.close();
}

async function claims(frame) {
  frame.title('VIPs, the function alone');
  const row = frame.row({
    figure: `an address for each of ${CLAIMS.toLocaleString('en-US')} claims`,
    unit: 'µs',
    limitName: 'a counter and two maps',
    goals: [demand('value', { atMost: 50 })],
  });
  let tenth = 0;
  for (const round of frame.rounds) {
    const child = await startChild('alone/vip-claims.mjs');
    const { result, condition } = await frame.measured(`VIPs, round ${round}`, () =>
      child.ask({ claims: CLAIMS, times: frame.scaled(9, 3) }),
    );
    await child.stop();
    row.add(result.ours, { condition });
    row.addLimit(result.plain);
    ({ tenth } = result);
  }
  row.note(`of a tenth as many: ${tenth.toFixed(1)} µs each`);
  row.close();
}

function unchanged(frame, driver, limitName) {
  const { listeners, targets } = UNCHANGED;
  frame.title(`apply without a change, ${driver}`);
  const row = frame.row({
    figure: `${listeners.toLocaleString('en-US')} listeners with ${targets} targets each`,
    unit: 'ms',
    limitName,
    goals: [demand('value', { atMost: 200 })],
  });
  return withState(async (state) => {
    const child = await startChild('alone/unchanged.mjs', { driver, state });
    try {
      for (const round of frame.rounds) {
        const { result, condition } = await frame.measured(
          `apply without a change, ${driver}, round ${round}`,
          () => child.ask({ ...UNCHANGED, times: frame.scaled(21, 5) }),
        );
        row.add(result.ours, { condition });
        row.addLimit(result.least);
        if (result.writes > 0) throw new Error(`${driver} wrote ${result.writes} times without a change`);
      }
      row.note('0 writes');
      row.close();
    } finally {
      await child.stop();
    }
  });
}

/** Two servers, of which one has all the weight, by turns. */
function weights(frame) {
  frame.title('HAProxy, weight change → end of the next connection');
  const row = (which, goals) =>
    frame.row({ figure: which, unit: 'ms', limitName: 'bare write to the same socket', goals });
  const rows = { p50: row('p50', []), p99: row('p99', [demand('excess', { atMost: 10 })]) };
  return withState(async (state) => {
    const child = await startChild('alone/weights.mjs', { state });
    try {
      for (const round of frame.rounds) {
        const { result, condition } = await frame.measured(`weight changes, round ${round}`, () =>
          child.ask({ seconds: frame.seconds }),
        );
        for (const [which, share] of [
          ['p50', 0.5],
          ['p99', 0.99],
        ]) {
          rows[which].add(percentile(result.ours, share), { condition });
          rows[which].addLimit(percentile(result.bare, share));
        }
        rows.p99.note(`${result.wrong} of ${2 * result.ours.length} connections went to the wrong server`);
      }
      for (const one of Object.values(rows)) one.close();
    } finally {
      await child.stop();
    }
  });
}
