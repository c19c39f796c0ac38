// npm run record-history -- 0.1.0: records a small history of all records of the chain, checks it, and keeps it in
// test/histories/0.1.0, where tests replay it from then on. Once for each release (docs/reference/histories.md).
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';
import { ROOT } from './prepare.mjs';

const [version = '', ...rest] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version) || rest.length > 0)
  fail('give the version that is to be released: 0.1.0');
if (isOut(`v${version}`))
  fail(`v${version} is tagged: its history is frozen, record one of the next version`);

const place = join(ROOT, '.signalbox', 'histories', version);
mkdirSync(place, { recursive: true });
const test = spawn(
  process.execPath,
  [
    join(ROOT, 'scripts', 'test.mjs'),
    '--testPathPatterns',
    'recorded-histories',
    '--testNamePattern',
    'recorded now',
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SIGNALBOX_RECORD_HISTORY: place } },
);
for (const signal of SIGNALS) process.on(signal, () => test.kill(signal));
endWithNpm();
test.on('exit', (code, signal) => {
  if (code === 0) keep(join(ROOT, 'test', 'histories', version));
  process.exitCode = code ?? statusOf(signal);
});

/** What was checked takes the place of what was there. */
function keep(kept) {
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(join(kept, '..'), { recursive: true });
  renameSync(place, kept);
  console.log(`kept in ${kept}`);
}

/** Where there is no git, nobody releases anything. */
function isOut(tag) {
  const { status } = spawnSync('git', ['rev-parse', '--quiet', '--verify', `refs/tags/${tag}`], {
    cwd: ROOT,
  });
  return status === 0;
}

function fail(message) {
  console.error(`record-history: ${message}`);
  process.exit(1);
}
