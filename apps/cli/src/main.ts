import { fileURLToPath } from 'node:url';
import { endWith } from './end-with.js';
import { processTerminal } from './process-terminal.js';
import { runSignalbox } from './program.js';

/** From dist/bundle, where this file runs. */
const checkoutDir = fileURLToPath(new URL('../..', import.meta.url));

endWith(process, runSignalbox(process.argv.slice(2), processTerminal(checkoutDir)));
