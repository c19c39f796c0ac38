import type { BenchFlags } from '../commands/bench.js';
import { ProgressBar } from '../output/progress-bar.js';
import type { Column } from '../output/table.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { type Percentiles, percentilesOf } from './percentiles.js';

const BOUNDS = { facts: 100_000, concurrency: 64 } as const;
/** Facts of a bench expire after so long. Milliseconds. */
const TTL_MS = 60_000;

/** One line of the answer. */
export interface Figure extends Percentiles {
  readonly what: string;
  readonly count: number;
  readonly perSecond: number;
}

const COLUMNS: readonly Column<Figure>[] = [
  { title: 'WHAT', value: ({ what }) => what },
  { title: 'COUNT', value: ({ count }) => count },
  { title: 'PER_S', value: ({ perSecond }) => perSecond },
  { title: 'P50_MS', value: ({ p50 }) => p50 },
  { title: 'P95_MS', value: ({ p95 }) => p95 },
  { title: 'P99_MS', value: ({ p99 }) => p99 },
  { title: 'MAX_MS', value: ({ max }) => max },
];

/** Emits facts and says how long the site took, beside what bare requests take in the same run. */
export async function runBench(session: Session, flags: BenchFlags): Promise<void> {
  const { client, terminal } = session;
  const facts = Math.min(BOUNDS.facts, flags.facts ?? 200);
  const concurrency = Math.min(BOUNDS.concurrency, flags.concurrency ?? 4);
  const bar = new ProgressBar(terminal);
  const run = terminal.randomHex(4);
  const bare = await measure('GET /v1/site', facts, concurrency, bar, () => client.siteThere());
  const emitted = await measure('POST one fact', facts, concurrency, bar, (n) => {
    const observedAt = new Date(terminal.nowMs());
    const expiresAt = new Date(observedAt.getTime() + TTL_MS);
    return client.call(pathOf('groups', flags.group, 'events'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id: `bench-${run}-${n}`,
        type: flags.type,
        subject: `bench/${n}`,
        observedAt,
        expiresAt,
      }),
    });
  });
  await session.printRows([bare, emitted], COLUMNS, flags.output);
  const ratio = bare.p50 > 0 ? Math.round((emitted.p50 / bare.p50) * 10) / 10 : 0;
  session.note(`a fact takes ${ratio} times as long as the bare request beside it (p50)`);
}

async function measure(
  what: string,
  count: number,
  concurrency: number,
  bar: ProgressBar,
  one: (n: number) => Promise<unknown>,
): Promise<Figure> {
  const times: number[] = [];
  let next = 0;
  const beganMs = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      const startMs = performance.now();
      await one(n);
      times.push(performance.now() - startMs);
      if (n % 50 === 0) bar.show({ label: what, done: times.length, total: count, count: times.length });
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    bar.clear();
  }
  const seconds = Math.max(0.001, (performance.now() - beganMs) / 1000);
  return { what, count, perSecond: Math.round(count / seconds), ...percentilesOf(times) };
}
