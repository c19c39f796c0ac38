import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT, optionalProgram, runCommand, tellNotRun } from '@signalbox/testing';

/** The commit of each release, for clones without its tag. */
const COMMITS: Readonly<Record<string, string>> = { '0.1.0': '8fbaa31940009ab5f787eaa11be70972c0507307' };
const WHAT = 'the upgrade from an earlier version';

/**
 * The program `standalone` of a release, built from its own sources out of this clone's history, with the packages of today. Kept in
 * `.signalbox/cache` for the next time.
 *
 * @returns undefined, and tells, where the history is not there: a shallow clone, an archive, a machine without git
 */
export async function releasedStandalone(version: string): Promise<string | undefined> {
  const git = optionalProgram('git', WHAT);
  if (git === undefined) return undefined;
  const found =
    (await commitOf(git, `v${version}^{commit}`)) ?? (await commitOf(git, `${COMMITS[version]}^{commit}`));
  if (found === undefined) {
    tellNotRun(
      WHAT,
      `this clone has neither the tag v${version} nor its commit: git fetch --unshallow --tags`,
    );
    return undefined;
  }
  const place = join(CHECKOUT, '.signalbox', 'cache', 'releases', found);
  if (!existsSync(place)) await build(git, found, place);
  return join(place, 'dist', 'apps', 'standalone', 'src', 'main.js');
}

async function commitOf(git: string, revision: string): Promise<string | undefined> {
  const { code, stdout } = await runCommand(git, ['rev-parse', '--quiet', '--verify', revision], {
    cwd: CHECKOUT,
  });
  return code === 0 ? stdout.trim() : undefined;
}

/** Beside its place until it is whole. */
async function build(git: string, commit: string, place: string): Promise<void> {
  const sources = `${place}-${process.pid}`;
  await mkdir(sources, { recursive: true });
  try {
    const env = { ...process.env, GIT_INDEX_FILE: join(sources, 'index') };
    await run(git, ['read-tree', commit], { cwd: CHECKOUT, env });
    await run(git, ['checkout-index', '--all', `--prefix=${sources}/`], { cwd: CHECKOUT, env });
    await symlink(join(CHECKOUT, 'node_modules'), join(sources, 'node_modules'));
    const nest = join(CHECKOUT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
    await run(process.execPath, [nest, 'build'], { cwd: sources });
    await rename(sources, place);
  } finally {
    await rm(sources, { recursive: true, force: true });
  }
}

async function run(program: string, args: readonly string[], options: object): Promise<void> {
  const { code, stdout, stderr } = await runCommand(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} exited ${code}:\n${stdout}${stderr}`);
}
