import { join, resolve } from 'node:path';
import { ensureSiteKeys } from '@signalbox/embedded';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Session } from '../session.js';

/** Makes the keys of a site in a directory and says where they are. */
export function createKeys(
  { terminal }: Session,
  { dir, databasePassword = false }: { dir: string; databasePassword?: boolean },
): void {
  const target = resolve(terminal.cwd, dir);
  const usersFile = join(terminal.checkoutDir, 'deploy', 'nats', 'users.conf');
  try {
    ensureSiteKeys({ dir: target, usersFile, databasePassword });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Failure('keys-not-made', `the keys in ${target} could not be made: ${message}`, EXIT.failure, {
      next: code === 'EACCES' ? 'run it as the owner of the directory' : `look at ${target}`,
      cause,
    });
  }
  terminal.out.write(`keys are in ${target}; NATS includes ${join(target, 'nats', 'users.conf')}\n`);
}
