// npm run up: makes dist/ current, then runs the whole of Signalbox in this process until Ctrl-C or a signal.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endWithNpm } from './interruption.mjs';
import { Interrupted, prepare, ROOT } from './prepare.mjs';

endWithNpm();
try {
  await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
} catch (error) {
  console.error(`signalbox: ${error.message}`);
  process.exit(error instanceof Interrupted ? 0 : 1);
}
await import(pathToFileURL(join(ROOT, 'dist', 'bundle', 'standalone.js')).href);
