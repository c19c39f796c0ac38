import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

/** What the product's package.json says. */
export function productManifest() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}

/**
 * The time that everything in a package has, so that the same sources make the same bytes: SOURCE_DATE_EPOCH, else that of the last
 * commit, else now. Seconds.
 */
export function sourceTime(env = process.env) {
  const given = Number(env.SOURCE_DATE_EPOCH);
  if (Number.isSafeInteger(given) && given > 0) return given;
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? Number(stdout) : Math.floor(Date.now() / 1000);
}

/**
 * Packages that run, as the lock has them: their places below the product, in order. `optional`: those that only some systems
 * have as well.
 */
export function productionPackages(lock, { optional = false } = {}) {
  return Object.entries(lock.packages)
    .filter(([place, { dev, optional: isOptional, devOptional }]) => {
      if (place === '' || dev || devOptional) return false;
      return optional || !isOptional;
    })
    .map(([place]) => place)
    .sort();
}
