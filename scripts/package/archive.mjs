import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceTime } from './manifest.mjs';
import { sumLine } from './sums.mjs';

/**
 * Packs `<dir>/<name>` as `<dir>/<file>`, with a file of its checksum beside it. The same content makes the same bytes.
 *
 * @returns the names of both
 * @throws {Error} when tar is not GNU tar, or there is no gzip
 */
export function pack(dir, name, file, { fast = false } = {}) {
  const plain = `${file}.tar`;
  run(dir, 'tar', [
    ...['--sort=name', `--mtime=@${sourceTime()}`, '--owner=0', '--group=0', '--numeric-owner'],
    ...['--format=gnu', '-cf', plain, name],
  ]);
  const packed = openSync(join(dir, file), 'w');
  try {
    run(dir, 'gzip', [fast ? '-1' : '-9', '--no-name', '--stdout', plain], packed);
  } finally {
    closeSync(packed);
  }
  writeFileSync(join(dir, `${file}.sha256`), sumLine(join(dir, file), file));
  return [file, `${file}.sha256`];
}

function run(cwd, program, args, stdout = 'pipe') {
  const { status, error, stderr } = spawnSync(program, args, { cwd, stdio: ['ignore', stdout, 'pipe'] });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.toString()}`);
}
