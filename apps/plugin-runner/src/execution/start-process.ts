import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { UNCONTAINED, type Containment } from './containment/containment.js';
import { enclose, type Enclosure } from './containment/enclosure.js';
import type { SandboxFor } from './containment/sandbox.js';
import { pluginEnvironment } from './plugin-environment.js';
import { findPrlimit, type Prlimit } from './resource-limits.js';
import { giveSecrets, secretEnvironment } from './secrets/give-secrets.js';
import { NO_SECRETS, type PluginSecrets } from './secrets/plugin-secrets.js';

/** What a plugin process is made of. */
export interface ProcessStart {
  /** Absolute path of the executable; it gets no arguments. */
  readonly path: string;
  /** `spec.env` of the plugin. */
  readonly env: Readonly<Record<string, string>>;
  /** Its PATH, unless `env` has one. */
  readonly searchPath: string;
  /** Milliseconds that bound its processor time; absent: no bound. */
  readonly cpuMs?: number;
  /** Default: prlimit of this machine. Given as undefined: the shell's ulimit. */
  readonly prlimit?: Prlimit;
  /** Default: {@link UNCONTAINED}. */
  readonly containment?: Containment;
  /** What it sees in the sandbox of the containment. Absent: it runs without one. */
  readonly sandboxFor?: SandboxFor;
  /** What it finds in descriptors of its own. Default: nothing. */
  readonly secrets?: PluginSecrets;
}

/** A plugin process and what is around it, which is to be closed when the process is over. */
export interface StartedProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly enclosure: Enclosure;
}

/** stdin, stdout and stderr of the plugin. */
const STANDARD = ['pipe', 'pipe', 'pipe'] as const;

const PRLIMIT = findPrlimit();

/**
 * Starts a plugin inside its limits and its enclosure, as the leader of a process group of its own. Throws when there
 * is no process; a child without one may have no pipes either.
 */
export async function startProcess(start: ProcessStart): Promise<StartedProcess> {
  const { path, cpuMs, sandboxFor, containment = UNCONTAINED, secrets = NO_SECRETS } = start;
  const prlimit = 'prlimit' in start ? start.prlimit : PRLIMIT;
  const env = pluginEnvironment(start.env, start.searchPath);
  const enclosure = await enclose(
    { path, cpuMs, prlimit, env, ...(sandboxFor && { sandboxFor }) },
    containment,
  );
  try {
    return { child: await spawnIn(enclosure, containment, secrets), enclosure };
  } catch (error) {
    await enclosure.close(undefined);
    throw error;
  }
}

async function spawnIn(
  { command: { file, args, argv0 }, cwd, env, descriptors, started }: Enclosure,
  { user }: Containment,
  { given }: PluginSecrets,
): Promise<ChildProcessWithoutNullStreams> {
  const firstFd = STANDARD.length + descriptors.length;
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(file, args, {
      argv0,
      cwd,
      env: { ...env, ...secretEnvironment(given, firstFd) },
      detached: true,
      stdio: [...STANDARD, ...descriptors, ...given.map(() => 'pipe' as const)],
      ...(user && { uid: user.uid, gid: user.gid }),
    }) as ChildProcessWithoutNullStreams;
  } finally {
    started();
  }
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw error;
  }
  giveSecrets(child, given, firstFd);
  return child;
}
