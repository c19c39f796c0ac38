import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Session } from '../session.js';

const SECRET_BYTES = 32;

/** Makes a secret in a file, 0600: whole or not at all, and never in the place of one that is there. */
export function createSecret({ terminal }: Session, file: string): void {
  const target = resolve(terminal.cwd, file);
  try {
    writeWhole(target, `${terminal.randomHex(SECRET_BYTES)}\n`, terminal.randomHex(4));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const [why, next] =
      code === 'EEXIST'
        ? ['it is there already', 'use it, or remove it first: peers that know it must get the new one']
        : [message, `look at ${dirname(target)}`];
    throw new Failure('secret-not-made', `${target} was not made: ${why}`, EXIT.failure, { next, cause });
  }
  terminal.out.write(`a new secret is in ${target}\n`);
}

function writeWhole(target: string, content: string, mark: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const written = `${target}.${mark}.tmp`;
  try {
    writeFileSync(written, content, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(written, target);
  } finally {
    rmSync(written, { force: true });
  }
}
