import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { PROCESS_LIMITS } from '../limits.js';
import { unreachable, type PluginUser } from './plugin-user.js';

/** bubblewrap of this machine, and what every plugin sees inside. */
export interface Sandbox {
  readonly bwrap: string;
  /** Directories beside those of the system, for reading. Absolute, existing. */
  readonly readable: readonly string[];
  /** Directories of ours that are empty inside, should they lie below one that is readable. */
  readonly hidden: readonly string[];
  /** Whether the number of processes inside can be bounded: the kernel counts them for each sandbox. */
  readonly boundsProcesses: boolean;
}

/** What one plugin gets beside that. */
export interface SandboxFor {
  /** The plugin directory around its file. */
  readonly pluginDir: string;
  readonly network: boolean;
}

/** The system: programs and libraries. A link stays one, so that both `/bin/sh` and `/usr/bin/sh` are there. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Of /etc only what programs need to find libraries, users, names, times and authorities. */
const SETTINGS = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'gai.conf',
  'group',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'nsswitch.conf',
  'passwd',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
].map((name) => `/etc/${name}`);

/** Working directory of a plugin inside, the only place that it can write to; it is memory. */
export const SCRATCH = '/tmp';

/** The first kernel that counts the processes of a user for each user namespace. */
const COUNTING_KERNEL = [5, 14] as const;

/** Milliseconds within which the sandbox must have started a program. */
const PROBE_MS = 10_000;

/**
 * The arguments of bubblewrap up to and including `--`: a read-only system, a place of its own to write to, and
 * namespaces of its own for users, processes, IPC, host name, control groups and, without `network`, the network. There is no `--new-session`:
 * our process groups begin a session without a terminal, and the signals of a deadline go to the group.
 */
export function sandboxArguments(
  { readable, hidden }: Sandbox,
  { pluginDir, network }: SandboxFor,
  targetOf: (path: string) => string | undefined = linkTarget,
): string[] {
  const system = SYSTEM.flatMap((path) => {
    const target = targetOf(path);
    return target === undefined ? ['--ro-bind-try', path, path] : ['--symlink', target, path];
  });
  const isSystem = (path: string): boolean => SYSTEM.some((one) => isWithin(path, one));
  const more = readable.filter((path) => !isSystem(path));
  const empty = (within: (path: string) => boolean): string[] =>
    hidden.filter(within).flatMap((path) => ['--tmpfs', path, '--remount-ro', path]);
  const { sandboxScratchBytes, sandboxSharedBytes } = PROCESS_LIMITS;
  return [
    '--die-with-parent',
    ...['--unshare-user', '--disable-userns', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    ...['--unshare-cgroup-try', ...(network ? [] : ['--unshare-net'])],
    ...['--cap-drop', 'ALL', '--hostname', 'plugin'],
    ...system,
    ...SETTINGS.flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...[
      '--size',
      String(sandboxSharedBytes),
      '--perms',
      '1777',
      '--tmpfs',
      '/dev/shm',
      '--remount-ro',
      '/dev',
    ],
    ...['--size', String(sandboxScratchBytes), '--tmpfs', SCRATCH],
    ...more.flatMap((path) => ['--ro-bind', path, path]),
    ...empty((path) => isSystem(path) || more.some((one) => isWithin(path, one))),
    ...['--ro-bind', pluginDir, pluginDir],
    ...empty((path) => path !== pluginDir && isWithin(path, pluginDir)),
    ...['--remount-ro', '/', '--chdir', SCRATCH, '--'],
  ];
}

/** Where the sandbox is to be found out. */
export interface SandboxWish {
  readonly searchPath: string;
  readonly sandboxPaths: readonly string[];
  /** Directories of the site that nobody may see. */
  readonly hidden: readonly string[];
  readonly user: PluginUser | undefined;
  /** Default: where systems have it. */
  readonly bwrap?: string | undefined;
}

/** bubblewrap of this machine. */
export function findBubblewrap(): string | undefined {
  return ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap'].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Finds out, by running it once, whether plugins can have a sandbox here; a text says why not. */
export function findSandbox(wish: SandboxWish): Sandbox | string {
  const bwrap = 'bwrap' in wish ? wish.bwrap : findBubblewrap();
  if (bwrap === undefined) return 'bubblewrap (bwrap) is not installed';
  const sandbox: Sandbox = {
    bwrap,
    readable: readableDirectories(wish),
    hidden: wish.hidden.filter((path) => existsSync(path)),
    // the kernel never refuses root a process
    boundsProcesses: (wish.user?.uid ?? process.getuid?.()) !== 0 && countsProcesses(release()),
  };
  const args = [...sandboxArguments(sandbox, { pluginDir: '/usr', network: false }), '/bin/sh', '-c', ':'];
  const { status, stderr, error } = spawnSync(bwrap, args, {
    cwd: '/',
    env: {},
    timeout: PROBE_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(wish.user && { uid: wish.user.uid, gid: wish.user.gid }),
  });
  if (status === 0) return sandbox;
  const [said = ''] = String(stderr ?? '').split('\n');
  return `bubblewrap 0.8 or newer and user namespaces are needed: ${said || error?.message || `it exited with ${status}`}`;
}

/** Whether this kernel counts processes for each sandbox and not for each user of the machine. */
export function countsProcesses(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => parseInt(part, 10));
  const [first, second] = COUNTING_KERNEL;
  return major > first || (major === first && minor >= second);
}

function readableDirectories({ searchPath, sandboxPaths, user }: SandboxWish): string[] {
  const node = dirname(realpathSync(process.execPath));
  const wanted = [...searchPath.split(':').filter((path) => isAbsolute(path)), node, ...sandboxPaths];
  const whole = [...new Set(wanted.map((path) => resolve(path)))].filter(
    (path) =>
      path !== sep &&
      existsSync(path) &&
      (user === undefined || unreachable(`${path}/x`, user) === undefined),
  );
  return whole.filter((path) => !whole.some((other) => other !== path && isWithin(path, other)));
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
