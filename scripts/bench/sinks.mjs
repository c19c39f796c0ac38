// From the fact to the file of a sink, beside what brings the same bytes to the same directory and nothing else.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { offerSteadily } from './load.mjs';
import { pause, until } from './pause.mjs';
import { isOurs, perUnit, processorTime, sumOf } from './processor-time.mjs';
import { ReadableFile } from './readable-file.mjs';
import { ROOT } from '../prepare.mjs';
import { findSed } from './sed.mjs';
import { apply, withSite } from './site.mjs';
import { percentile } from './statistics.mjs';
import { EMIT, FactSource, installPlugins, PERSISTENT, siteResources } from './world.mjs';

/** Facts a second. */
const RATE = 100;
const FIRST_FILE_MS = 60_000;
/** The sink waits for nothing: by default it would wait a second for more changes, and that second is what would be measured. */
const WAITS = 'minWait: 0s, maxWait: 0s';

const LATENCY = `fact → file on disk at ${RATE}/s`;
const GOALS = {
  p50: [demand('excess', { atMost: 20, stretch: 10 })],
  p99: [demand('excess', { atMost: 80, stretch: 40 })],
};

/** Measures a file sink of a site in services mode. */
export async function benchSinks(frame) {
  const runs = [];
  for (const round of frame.rounds) runs.push(await oneRun(frame, `round ${round} of ${frame.repetitions}`));
  frame.title('sinks, services');
  for (const which of ['p50', 'p99']) {
    const row = frame.row({
      figure: `${LATENCY}: ${which}`,
      unit: 'ms',
      limitName: 'write, fsync, rename, fsync of the directory alone',
      goals: GOALS[which],
    });
    for (const { sink, bare } of runs) {
      row.add(sink.result[which], { condition: sink.condition });
      row.addLimit(bare.result[which], { condition: bare.condition });
      if (sink.result.late > 0)
        row.note(`overloaded: ${sink.result.late} of ${sink.result.followed} count with the time waited`);
    }
    row.note(`the sink has ${WAITS}`);
    row.close();
  }
  const row = frame.row({
    figure: `CPU per fact of the service sinks at ${RATE}/s`,
    unit: 'µs',
    perUnit: 'fact',
    limitName: 'write, fsync, rename, fsync of the directory alone',
  });
  for (const { sink, bare } of runs) {
    row.add(sink.result.cpu?.sinks ?? NaN, { cpu: sink.result.cpu, condition: sink.condition });
    row.addLimit(bare.result.cpu, { condition: bare.condition });
    row.note(`of ours in all ${Math.round(sumOf(sink.result.cpu, isOurs))} µs a fact`);
  }
  row.close();
}

function oneRun(frame, name) {
  return withSite({ separate: true }, async (site) => {
    const { example } = installPlugins(site.state, findSed());
    const directory = join(site.state, 'sinks');
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'claims');
    await apply(site, siteResources(PERSISTENT, example) + sinkResource(path));
    const nc = await site.connect();
    const publisher = new AckedPublisher(nc);
    const readable = new ReadableFile(path);
    const load = new ChainUnderLoad({
      ...{ frame, name: `sinks, ${name}`, readable, world: PERSISTENT, source: new FactSource() },
      offer: (text) => publisher.offer(EMIT, text),
      roots: () => [{ pid: site.pid }],
    });
    frame.progress(`sinks, ${name}: warming up`);
    await until(
      'the first file',
      () => {
        load.send();
        return load.done();
      },
      FIRST_FILE_MS,
      250,
    );
    const { seconds } = frame;
    const patience = frame.scaled(15_000, 4000);
    await load.steady(RATE, frame.scaled(3, 1), patience);
    const sink = await frame.measured(`sinks, ${name}: fact to file`, () =>
      load.steady(RATE, seconds, patience),
    );
    readable.stop();
    await nc.close();
    const bare = await bareRun(frame, name, directory, seconds);
    return { sink, bare };
  });
}

/** As many names of the same length, written at the same rate into the same directory, seen by the same reader. */
async function bareRun(frame, name, directory, seconds) {
  const path = join(directory, 'bare');
  const width = PERSISTENT.nameOf('10.0.15.255').length;
  const writer = spawn(
    process.execPath,
    [join(ROOT, 'scripts', 'bench', 'bare', 'file-writer.mjs'), path, String(width)],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const readable = new ReadableFile(path);
  let sent = 0;
  const send = () => {
    sent += 1;
    readable.await(`n-${sent}`.padEnd(width, '-'));
    writer.stdin.write(`${sent}\n`);
  };
  const roots = [{ pid: writer.pid, label: 'writer' }];
  try {
    await offerSteadily(RATE, frame.scaled(3, 1), send);
    readable.take();
    return await frame.measured(`sinks, ${name}: bytes to file alone`, async () => {
      const [before, start] = [processorTime(roots), sent];
      await offerSteadily(RATE, seconds, send);
      const end = performance.now() + frame.scaled(15_000, 4000);
      while (readable.waiting.size > 0 && performance.now() < end) await pause(10);
      const { latencies } = readable.take();
      const cpu = perUnit(before, processorTime(roots), sent - start);
      return {
        p50: percentile(latencies, 0.5),
        p99: percentile(latencies, 0.99),
        cpu: cpu?.writer ?? NaN,
      };
    });
  } finally {
    readable.stop();
    writer.stdin.end();
    await new Promise((resolve) => writer.once('exit', resolve));
  }
}

function sinkResource(path) {
  return `---
apiVersion: config.signalbox.dev/v1alpha1
kind: ConfigSink
metadata: {name: claims}
spec:
  select: {kinds: [${PERSISTENT.kind}]}
  template: "{% for one in resources %}{{ one.metadata.name }}\\n{% endfor %}"
  file: {path: ${path}}
  ${WAITS.split(', ').join('\n  ')}
`;
}
