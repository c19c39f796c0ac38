import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interruptible } from './interruption.mjs';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];
/** npm does not end at once, if at all, while it unpacks. */
const KILL_AFTER_MS = 3_000;
const LOCK = join(ROOT, 'package-lock.json');
const LOCK_STAMP = join(ROOT, 'node_modules', '.signalbox-lock');
const BUILT_STAMP = join(ROOT, 'dist', '.built');

/**
 * Makes `dist/` current: checks Node, installs what the lock says and builds, each only when needed.
 *
 * @param {{ log: (line: string) => void }} options one line per thing that takes a while
 * @throws {Error} in one line, when Node is too old, or the install or the build failed (its own output was shown)
 * @throws {Interrupted} when a signal came, once what it had started is gone
 */
export async function prepare({ log }) {
  checkNode();
  await install(log);
  await build(log);
}

/** Somebody asked for the end by this signal. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Signalbox needs Node ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}`);
}

async function install(log) {
  const lock = existsSync(LOCK) ? createHash('sha256').update(readFileSync(LOCK)).digest('hex') : 'no lock';
  if (installedLock() !== lock) {
    if (!isInstalledByHand()) {
      log('installing packages');
      await installPackages(log);
    }
    writeFileSync(LOCK_STAMP, lock);
  }
}

/**
 * A lock that was made with a registry that lacks packages of other platforms has no entries for those: `npm ci`
 * refuses it, `npm install` takes what it has.
 */
async function installPackages(log) {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (existsSync(LOCK)) {
    if (await succeeds('npm', ['ci', ...flags], 'ignore')) return;
    log('npm ci refused, trying npm install');
  }
  if (!(await succeeds('npm', ['install', '--no-save', ...flags])))
    throw new Error('the install of packages failed');
}

function installedLock() {
  return existsSync(LOCK_STAMP) ? readFileSync(LOCK_STAMP, 'utf8') : undefined;
}

/** npm notes what it installed; not older than the lock means that someone ran npm after the lock changed. */
function isInstalledByHand() {
  const noted = modifiedAt(join(ROOT, 'node_modules', '.package-lock.json'));
  return noted > 0 && noted >= modifiedAt(LOCK);
}

async function build(log) {
  const builtAt = modifiedAt(BUILT_STAMP);
  if (builtAt > 0 && newestSource() <= builtAt) return;
  if (builtAt === 0) rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  log('building');
  const startedAt = new Date();
  const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const steps = [[nest, 'build'], [join(ROOT, 'scripts', 'bundle.mjs')]];
  for (const step of steps)
    if (!(await succeeds(process.execPath, step))) throw new Error('the build failed');
  writeFileSync(BUILT_STAMP, '');
  // what is saved during the build is built next time
  utimesSync(BUILT_STAMP, startedAt, startedAt);
}

/** Directories count too: their time tells of files that were removed. */
function newestSource() {
  const configs = readdirSync(ROOT).filter((name) => /^(tsconfig.*|nest-cli)\.json$/.test(name));
  const times = [...configs, join('scripts', 'bundle.mjs')].map((name) => modifiedAt(join(ROOT, name)));
  for (const top of ['apps', 'libs']) {
    const dir = join(ROOT, top);
    const names = existsSync(dir) ? readdirSync(dir, { recursive: true }) : [];
    for (const name of names) if (!name.endsWith('.spec.ts')) times.push(modifiedAt(join(dir, name)));
  }
  return Math.max(0, ...times);
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Runs a program to its end. Throws when it cannot be started. */
async function succeeds(command, args, output = 'inherit') {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', output, output] });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  let interrupted;
  const status = await interruptible(
    () => ended,
    (signal) => {
      interrupted = signal;
      child.kill('SIGTERM');
      // an install that is cut off is made anew by the next start
      setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
    },
  );
  if (interrupted) throw new Interrupted(interrupted);
  return status === 0;
}
