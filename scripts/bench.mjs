// npm run bench: figures of what is built, each beside a limit measured in the same run. --help tells more.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { readArguments, usage } from './bench/arguments.mjs';
import { Frame } from './bench/frame.mjs';
import { PARTS } from './bench/parts.mjs';
import { summary } from './bench/table.mjs';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';
import { prepare, ROOT } from './prepare.mjs';

const options = read();
if (options.help) {
  process.stdout.write(usage(PARTS));
  process.exit(0);
}
// Whatever ends us, what we started ends with us.
for (const signal of SIGNALS) process.on(signal, () => process.exit(statusOf(signal)));
endWithNpm();

await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
const { quick, seconds, repetitions, syncs } = options;
const frame = new Frame(options);
const depth = quick
  ? 'one repetition, --quick: a first look, not for comparing'
  : `${repetitions} repetitions`;
console.log(`\n${machine()}\n${depth}; ${seconds} s each; load generator on the same machine`);
const failed = [];
for (const name of options.wanted) {
  try {
    await PARTS[name].run(frame);
  } catch (error) {
    failed.push(name);
    console.error(`bench: ${name} could not be measured: ${error.stack}`);
  }
}

const file = process.env.BENCH_RESULTS ?? join(ROOT, 'bench-results.json');
const results = {
  at: new Date().toISOString(),
  commit: commit(),
  node: process.version,
  processors: cpus().length,
};
writeFileSync(
  file,
  `${JSON.stringify({ ...results, quick, seconds, repetitions, syncs, failed, rows: frame.rows }, null, 2)}\n`,
);
console.log(
  `\n${[...summary(frame.rows), `written to ${file === join(ROOT, 'bench-results.json') ? 'bench-results.json' : file}`].join('\n')}`,
);
if (failed.length > 0) console.error(`bench: not measured: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

function read() {
  try {
    return readArguments(process.argv.slice(2), process.env, Object.keys(PARTS));
  } catch (error) {
    console.error(`bench: ${error.message}; --help tells more`);
    process.exit(2);
  }
}

function machine() {
  return `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, commit ${commit() ?? 'unknown'}`;
}

/** The commit that is measured, with `+` when files differ from it. */
function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return (
      git('rev-parse', '--short', 'HEAD').trim() +
      (git('status', '--porcelain', 'apps', 'libs').trim() === '' ? '' : '+')
    );
  } catch {
    return undefined;
  }
}
