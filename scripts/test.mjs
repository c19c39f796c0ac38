// npm test: every test there is, against real servers. Ends with one line: N passed, N failed[, N skipped].
// Arguments go to jest, as in: npm test -- libs/bus
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';
import { startJest } from './jest.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { makeBarePath } from './bare-path.mjs';

/** A disposable Postgres: nothing is worth a sync to disk. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** What could not even start counts as one failure. */
const NOT_RUN = { passed: 0, failed: 1, skipped: 0 };

const log = (line) => console.error(`test: ${line}`);
const scratch = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
chmodSync(scratch, 0o711); // the user of Postgres has to pass

let interrupted;
let jest;
for (const signal of SIGNALS) {
  process.on(signal, () => {
    interrupted = signal;
    // jest itself knows no SIGHUP
    jest?.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
}
endWithNpm();

const notRunFile = join(scratch, 'not-run.txt');
let notRun = [];
let totals = NOT_RUN;
let status = 1;
let postgres;
try {
  await prepare({ log });
  const { findNatsBinary, startPostgres } = await import(
    new URL('../dist/libs/embedded/src/index.js', import.meta.url).href
  );
  const cacheDir = join(ROOT, '.signalbox', 'cache');
  const natsBinary = await findNatsBinary({ env: process.env, cacheDir, log });
  postgres = await startPostgres({ env: process.env, stateDir: scratch, settings: FAST, log });

  const results = join(scratch, 'results.json');
  // what the README does not ask for, no test may need
  const { path, everything } = makeBarePath(join(scratch, 'bin'));
  const env = {
    SIGNALBOX_TEST_PG: postgres.url,
    NATS_SERVER_BIN: natsBinary,
    TMPDIR: scratch,
    PATH: path,
    SIGNALBOX_TEST_PATH: everything,
    SIGNALBOX_TEST_NOT_RUN: notRunFile,
  };
  const options = [
    '--maxWorkers=2',
    '--testTimeout=120000',
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  ];
  if (!interrupted) {
    jest = startJest(options, { env, ownGroup: true });
    status = await jest.status;
    jest = undefined;
    totals = readTotals(results);
    notRun = readNotRun();
  }
} catch (error) {
  log(error.message);
} finally {
  await postgres?.stop();
  // elsewhere only where scratch could not be entered
  if (postgres && !postgres.dataDir.startsWith(scratch))
    rmSync(postgres.dataDir, { recursive: true, force: true });
  // what an interrupted test started may still be stopping
  rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

if (notRun.length > 0) log(`NOT RUN HERE:\n${notRun.map((line) => `  - ${line}`).join('\n')}`);
if (interrupted) log(`interrupted by ${interrupted}`);
const { passed, failed, skipped } = totals;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (interrupted) process.exitCode = statusOf(interrupted);
else process.exitCode = status !== 0 || failed > 0 || passed === 0 ? 1 : 0;

/** What tests said that this machine lacks for them. */
function readNotRun() {
  if (!existsSync(notRunFile)) return [];
  return [...new Set(readFileSync(notRunFile, 'utf8').split('\n').filter(Boolean))].sort();
}

function readTotals(file) {
  if (!existsSync(file)) return NOT_RUN;
  const results = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
