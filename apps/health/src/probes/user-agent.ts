import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How probes name themselves. */
export const USER_AGENT = `signalbox/${productVersion()} (health check)`;

/** From the first package.json above this file, which is not the same distance when it is built. */
function productVersion(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      return (JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { version: string }).version;
    } catch (error) {
      if (dirname(dir) === dir) throw error;
      dir = dirname(dir);
    }
  }
}
