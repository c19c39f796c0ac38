import { fileURLToPath } from 'node:url';
import { processTerminal } from './process-terminal.js';
import { runSignalbox } from './program.js';

/** From dist/apps/cli/src, where this file runs. */
const checkoutDir = fileURLToPath(new URL('../../../..', import.meta.url));

process.exitCode = await runSignalbox(process.argv.slice(2), processTerminal(checkoutDir));
