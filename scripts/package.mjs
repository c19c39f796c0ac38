// npm run package: makes signalbox-<version>.tar.gz with everything that a machine with Node needs, and install.sh in it.
//
//   --servers     with NATS and Postgres for this system, so that a site needs nothing else: signalbox-<version>-<system>.tar.gz
//   --out DIR     where it is put (default .signalbox/packages)
//   --fast        packed less: for tests
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack } from './package/archive.mjs';
import { productManifest } from './package/manifest.mjs';
import { stage } from './package/stage.mjs';
import { endWithNpm } from './interruption.mjs';
import { prepare, ROOT } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    servers: { type: 'boolean', default: false },
    out: { type: 'string', default: join(ROOT, '.signalbox', 'packages') },
    fast: { type: 'boolean', default: false },
  },
});

endWithNpm();
const scratch = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
try {
  await prepare({ log: (line) => console.error(`package: ${line}`) });
  const { version } = productManifest();
  const system = values.servers ? `-${process.platform}-${process.arch}` : '';
  const name = `signalbox-${version}`;
  await stage(join(scratch, name), values);
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  const file = `${name}${system}.tar.gz`;
  const made = pack(scratch, name, file, values);
  for (const one of made) copyFileSync(join(scratch, one), join(out, one));
  console.log(join(out, file));
} catch (error) {
  console.error(`package: ${error.message}`);
  process.exitCode = 1;
}
