import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { CodedError } from '@signalbox/contracts';
import { directoryAround, ownershipFault, parentsOf } from '@signalbox/runtime';

const OUR_UID = process.getuid?.();

/**
 * Refuses a program that the site does not trust: it must be a regular file inside a directory of commands once symlinks are followed, and
 * nobody but root and the service's user may write it or a directory from there up. Throws `sink-program` with the rule and the remedy.
 * Asked before each start.
 */
export async function checkProgram(program: string, directories: readonly string[]): Promise<void> {
  const path = await realpath(program).catch((cause: unknown) => {
    throw refused(`${program} cannot be found (${codeOf(cause)}): install it or correct argv`);
  });
  const around = await directoryAround(path, directories);
  if (around === undefined) {
    const seen = path === program ? path : `${program} (in truth ${path})`;
    throw refused(
      `${seen} is not inside a directory of commands (${directories.join(', ')}): put it there, or set SIGNALBOX_SINK_COMMAND_DIRS`,
    );
  }
  const stats = await stat(path);
  if (!stats.isFile()) throw refused(`${path} is not a regular file`);
  for (const one of [path, ...parentsOf(path, around)]) {
    const fault = await ownershipFault(one, one === path ? stats : await stat(one), OUR_UID);
    if (fault !== undefined) throw refused(fault);
  }
  await access(path, constants.X_OK).catch(() => {
    throw refused(`${path} is not executable: chmod a+x ${path}`);
  });
}

function refused(message: string): CodedError {
  return new CodedError('sink-program', message);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
