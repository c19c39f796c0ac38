import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { productionPackages } from './manifest.mjs';
import { softwareBill } from './sbom.mjs';
import { SUMS, writeSums } from './sums.mjs';

/** What a package holds of the checkout, beside packages of npm. */
const KEPT = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'package.json',
  'bin',
  'deploy',
  'docs/guide',
  'docs/reference',
  'examples',
  'dist/bundle',
];
/** Of an installed product, found by the units on their PATH. */
const PROGRAMS = 'libexec';

/** Puts together, in a new directory, what a package unpacks to. */
export async function stage(target, { servers = false } = {}) {
  mkdirSync(target, { recursive: true });
  for (const name of KEPT) copy(join(ROOT, name), join(target, name));
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const place of productionPackages(lock, { optional: servers })) {
    // optional ones of other systems are not here
    if (!existsSync(join(ROOT, place))) continue;
    // packages within a package are in the lock by themselves
    copy(
      join(ROOT, place),
      join(target, place),
      (file) => !file.slice(join(ROOT, place).length).includes('/node_modules'),
    );
  }
  run('sh', [join(ROOT, 'deploy', 'image', 'slim-packages.sh'), join(target, 'node_modules')]);
  if (servers) await addNats(target);
  writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(softwareBill({ servers }), null, 2)}\n`);
  cpSync(join(ROOT, 'deploy', 'install.sh'), join(target, 'install.sh'));
  // whatever the umask of the checkout was: all may read, and nobody else may write what services start
  run('chmod', ['-R', 'u+w,go-w,a+rX', target]);
  chmodSync(join(target, 'install.sh'), 0o755);
  writeSums(target, SUMS);
}

function copy(from, to, filter = () => true) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: (file) => filter(file) });
}

/** The server that sites of this version start by themselves, checked as they do. */
async function addNats(target) {
  const { findNatsBinary } = await import(
    new URL('../../dist/libs/embedded/src/index.js', import.meta.url).href
  );
  const binary = await findNatsBinary({ env: process.env, cacheDir: join(ROOT, '.signalbox', 'cache') });
  mkdirSync(join(target, PROGRAMS), { recursive: true });
  cpSync(binary, join(target, PROGRAMS, 'nats-server'), { dereference: true });
  chmodSync(join(target, PROGRAMS, 'nats-server'), 0o755);
}

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}
