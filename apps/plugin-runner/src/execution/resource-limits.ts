import { accessSync, constants } from 'node:fs';
import { PROCESS_LIMITS } from './limits.js';

/** A command line that sets the limits of its own process and then becomes the plugin. */
export interface LimitedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Name under which the limiting program runs; its own error messages begin with it. */
  readonly argv0: string;
}

/** Absolute path of prlimit, or undefined to use the shell's ulimit. */
export type Prlimit = string | undefined;

const NAME = 'signalbox-limits';

/** What starts a plugin and has failed begins its own errors so; in the sandbox and in a control group it has its own name. */
const STARTERS = [`${NAME}:`, 'prlimit:', 'bwrap:'] as const;

/** Constant: every value comes in as an argument and is never read as shell text. */
const ULIMIT =
  'ulimit -d "$1" && ulimit -n "$2" && ulimit -c "$3" && { [ -z "$4" ] || ulimit -t "$4"; } && shift 4 && exec "$@"';

/** prlimit of this machine (util-linux); it is not on macOS and BusyBox systems. */
export function findPrlimit(): Prlimit {
  return ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Wraps a plugin in its resource limits (spec "Plugins"): DATA, NOFILE, CORE, and CPU = `cpuMs` + 2 s unless that is
 * undefined; hard, so that the plugin cannot raise them. They stay across exec, so the process id is the plugin's own.
 * `boundsProcesses`: also NPROC, which only prlimit can set in every shell's stead; for the inside of a sandbox.
 */
export function limitedCommand(
  path: string,
  cpuMs: number | undefined,
  prlimit: Prlimit,
  boundsProcesses = false,
): LimitedCommand {
  const { dataBytes, openFiles, coreBytes, cpuSpareSeconds } = PROCESS_LIMITS;
  const cpuSeconds = cpuMs === undefined ? '' : Math.ceil(cpuMs / 1000) + cpuSpareSeconds;
  if (prlimit === undefined) {
    const values = [dataBytes / 1024, openFiles, coreBytes, cpuSeconds].map(String);
    return { file: '/bin/sh', args: ['-c', ULIMIT, NAME, ...values, path], argv0: NAME };
  }
  const limits = [
    `--data=${dataBytes}`,
    `--nofile=${openFiles}`,
    `--core=${coreBytes}`,
    ...(cpuSeconds === '' ? [] : [`--cpu=${cpuSeconds}`]),
    ...(boundsProcesses ? [`--nproc=${PROCESS_LIMITS.sandboxProcesses}`] : []),
  ];
  return { file: prlimit, args: [...limits, '--', path], argv0: NAME };
}

/**
 * Why the plugin could not be started, when the limiting program and not the plugin wrote this stderr and failed
 * (missing interpreter, limit refused); undefined otherwise.
 */
export function limiterFault(
  exitCode: number | undefined,
  stdoutBytes: number,
  stderr: string,
): string | undefined {
  if (exitCode === undefined || exitCode === 0 || stdoutBytes > 0) return undefined;
  const starter = STARTERS.find((name) => stderr.startsWith(name));
  return starter === undefined ? undefined : stderr.slice(starter.length).trim();
}
