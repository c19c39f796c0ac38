// npm run bench [-- facts|health]: figures of what is built, each beside a limit measured in the same run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchFacts } from './bench/facts.mjs';
import { benchHealth } from './bench/health.mjs';
import { rows, seconds } from './bench/site.mjs';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';
import { prepare, ROOT } from './prepare.mjs';

const PARTS = { facts: benchFacts, health: benchHealth };

// Whatever ends us, what we started ends with us.
for (const signal of SIGNALS) process.on(signal, () => process.exit(statusOf(signal)));
endWithNpm();

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(
    `bench: there is no part ${unknown.join(', ')}; the parts are ${Object.keys(PARTS).join(', ')}`,
  );
  process.exit(2);
}

await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
console.log(`\nNATS sync: server default; ${seconds} s a row; load generator on the same machine\n`);
for (const [name, run] of Object.entries(PARTS))
  if (wanted.length === 0 || wanted.includes(name)) await run();

const file = join(ROOT, 'bench-results.json');
const results = { at: new Date().toISOString(), node: process.version, seconds, rows };
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log('\nwritten to bench-results.json');
