import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where a program is that tests use only where it is installed; undefined, and told at the end of `npm test`, where it is
 * not. Tests run with a PATH that holds Node, npm and a shell: SIGNALBOX_TEST_PATH is the one that `npm test` was given.
 */
export function optionalProgram(name: string, purpose: string): string | undefined {
  const path = process.env['SIGNALBOX_TEST_PATH'] ?? process.env['PATH'] ?? '';
  const found = path
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, name))
    .find(isExecutable);
  if (found === undefined) tellNotRun(purpose, `${name} is not installed`);
  return found;
}

/** Notes what does not run on this machine, for the end of `npm test`: a skipped test is not to be overlooked. */
export function tellNotRun(what: string, why: string): void {
  const file = process.env['SIGNALBOX_TEST_NOT_RUN'];
  if (file === undefined) process.stderr.write(`SKIPPED ${what}: ${why}\n`);
  else appendFileSync(file, `${what}: ${why.replaceAll(/\s+/g, ' ')}\n`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
