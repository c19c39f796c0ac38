// The rules of matching, in a process of their own.
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';

const SUBSCRIPTIONS = [10, 1000, 100_000];
const KIB = 1024;

/** Measures the rules without any server. */
export async function benchDomain(frame) {
  await matching(frame);
}

async function matching(frame) {
  frame.title('matching, index and rule alone');
  const [fewest] = SUBSCRIPTIONS;
  const most = SUBSCRIPTIONS.at(-1);
  const rows = SUBSCRIPTIONS.map((count) =>
    frame.row({
      figure: `facts decided, ${count.toLocaleString('en-US')} subscriptions`,
      unit: '/s',
      ...(count > fewest && { limitName: `${fewest} subscriptions` }),
      goals: count === most ? [demand('ratio', { atLeast: 0.9 })] : [],
    }),
  );
  const memory = frame.row({
    figure: 'index memory per subscription',
    unit: 'B',
    goals: [demand('value', { atMost: KIB })],
  });
  for (const round of frame.rounds) {
    const child = await startChild('alone/matching.mjs', {}, ['--expose-gc']);
    const { result, condition } = await frame.measured(`matching, round ${round}`, async () => {
      const results = [];
      for (const count of SUBSCRIPTIONS)
        results.push(await child.ask({ count, seconds: frame.scaled(2, 0.3) }));
      return results;
    });
    await child.stop();
    for (const [index, { rate }] of result.entries()) {
      rows[index].add(rate, { condition });
      if (index > 0) rows[index].addLimit(result[0].rate);
    }
    memory.add(result.at(-1).bytesEach);
  }
  for (const row of [...rows, memory]) row.close();
}
