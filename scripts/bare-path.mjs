import { accessSync, constants, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What a machine with Node and npm has: npm, and a POSIX shell with those utilities of POSIX that the scripts, guides and test
 * plugins of Signalbox call. Not in it, though in POSIX: ps, which a bare system lacks.
 */
const SHELL = [
  'sh',
  'cat',
  'cp',
  'cut',
  'env',
  'grep',
  'head',
  'ls',
  'mkdir',
  'mv',
  'rm',
  'sed',
  'sleep',
  'sort',
  'tail',
  'touch',
  'tr',
  'uniq',
];
const PROGRAMS = ['npm', 'npx', ...SHELL];

/** Where programs are that an ordinary user does not have on the PATH. */
const SYSTEM_DIRS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * Makes a directory that holds this Node, npm and a POSIX shell, and nothing else that a fresh machine may lack.
 *
 * @param {string} dir made
 * @returns {{ path: string, everything: string }} path: for PATH. everything: where programs are that are used only
 *   where they are installed; SIGNALBOX_TEST_PATH when it is set, so an empty one leaves them all out
 */
export function makeBarePath(dir) {
  const dirs = [...new Set([...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SYSTEM_DIRS])];
  mkdirSync(dir);
  symlinkSync(process.execPath, join(dir, 'node'));
  for (const name of PROGRAMS) {
    const found = dirs.map((one) => join(one, name)).find(isExecutable);
    if (found === undefined) throw new Error(`${name} is not on the PATH`);
    symlinkSync(found, join(dir, name));
  }
  return { path: dir, everything: process.env.SIGNALBOX_TEST_PATH ?? dirs.join(delimiter) };
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
