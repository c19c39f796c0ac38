// npm run up: makes dist/ current, then runs the whole of Signalbox in one process until Ctrl-C.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

try {
  prepare({ log: (line) => console.error(`signalbox: ${line}`) });
} catch (error) {
  console.error(`signalbox: ${error.message}`);
  process.exit(1);
}

const main = join(ROOT, 'dist', 'apps', 'standalone', 'src', 'main.js');
const site = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' });

let asked = false;
const forward = (signal) => {
  asked = true;
  // Ctrl-C in a terminal reaches the site by itself; a second one would mean "at once"
  if (!(signal === 'SIGINT' && process.stdin.isTTY)) site.kill(signal);
};
process.on('SIGINT', forward);
process.on('SIGTERM', forward);

site.on('error', (error) => {
  console.error(`signalbox: ${error.message}`);
  process.exit(1);
});
site.on('exit', (code, signal) => {
  const status = code ?? 128 + constants.signals[signal];
  const isAskedFor =
    asked && [128 + constants.signals.SIGINT, 128 + constants.signals.SIGTERM].includes(status);
  process.exit(isAskedFor ? 0 : status);
});
