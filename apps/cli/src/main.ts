import { fileURLToPath } from 'node:url';
import { EXIT } from './exit-codes.js';
import { processTerminal } from './process-terminal.js';
import { runSignalbox } from './program.js';

/** From dist/apps/cli/src, where this file runs. */
const checkoutDir = fileURLToPath(new URL('../../../..', import.meta.url));

let ended = false;
process.on('exit', () => {
  if (ended) return;
  process.stderr.write(
    'signalbox: internal: the command ended without a result\nnext: this is a defect of signalbox: report it with the command you ran\n',
  );
  process.exitCode = EXIT.failure;
});
process.exitCode = await runSignalbox(process.argv.slice(2), processTerminal(checkoutDir));
ended = true;
