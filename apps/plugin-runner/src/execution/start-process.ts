import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { pluginEnvironment } from './plugin-environment.js';
import { findPrlimit, limitedCommand, type Prlimit } from './resource-limits.js';

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
}

const PRLIMIT = findPrlimit();

/**
 * Starts a plugin in `cwd` inside its resource limits, as the leader of a process group of its own. Throws when there
 * is no process; a child without one may have no pipes either.
 */
export async function startProcess(
  start: ProcessStart,
  cwd: string,
): Promise<ChildProcessWithoutNullStreams> {
  const prlimit = 'prlimit' in start ? start.prlimit : PRLIMIT;
  const { file, args, argv0 } = limitedCommand(start.path, start.cpuMs, prlimit);
  const child = spawn(file, args, {
    argv0,
    cwd,
    env: pluginEnvironment(start.env, start.searchPath),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw error;
  }
  return child;
}
