import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { CapturedStdout, StderrTail } from './captured-output.js';
import { PROCESS_LIMITS } from './limits.js';
import { pluginEnvironment } from './plugin-environment.js';
import { findPrlimit, limitedCommand, limiterFault, type Prlimit } from './resource-limits.js';
import { withScratchDirectory } from './scratch-directory.js';

/** One process to run. */
export interface ProcessRequest {
  /** Absolute path of the executable; it gets no arguments. */
  readonly path: string;
  /** `spec.env` of the plugin; PATH is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until the deadline, > 0. */
  readonly timeoutMs: number;
  /** Written to stdin, which is then closed. */
  readonly stdin: string;
  /** Ends the process as a deadline does; the outcome says `aborted`. */
  readonly signal?: AbortSignal;
  /** Default: prlimit of this machine. Given as undefined: the shell's ulimit. */
  readonly prlimit?: Prlimit;
}

/** What one process left behind, not yet judged. */
export interface ProcessOutcome {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Whole milliseconds from start to end, by a clock that never jumps. */
  readonly durationMs: number;
  /** At most 4 MiB. */
  readonly stdout: string;
  /** sha256 hex of the bytes in `stdout`. */
  readonly stdoutDigest: string;
  /** At most the last 8 KiB. */
  readonly stderrTail: string;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  readonly limitExceeded?: 'stdout' | 'stderr';
  /** Why there was no plugin process at all. */
  readonly startError?: string;
}

/**
 * Runs a plugin process to its end and never throws for what the process does. It gets its own process group, an
 * environment of its own, an empty working directory that is removed afterwards, and resource limits. It has ended
 * when it has exited and closed stdout and stderr; whatever is left of its group is then killed.
 *
 * At the deadline the group gets SIGTERM, 2 s later SIGKILL; too much output is answered by SIGKILL at once. So the
 * run is over at most timeout + 2.25 s after its start, even if a descendant keeps the pipes open (P16). A descendant
 * that leaves the process group escapes the kill, not the deadline; keeping it in is the sandbox's work.
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessOutcome> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  if (request.signal?.aborted) return notStarted(elapsed(), { aborted: true });
  try {
    return await withScratchDirectory(async (cwd) => {
      const child = await start(request, cwd);
      return supervise(child, request, elapsed);
    });
  } catch (error) {
    return notStarted(elapsed(), { startError: (error as Error).message });
  }
}

const PRLIMIT = findPrlimit();

function deadlineMs(request: ProcessRequest): number {
  return Math.min(request.timeoutMs, PROCESS_LIMITS.longestTimeoutMs);
}

/** Throws when there is no process; a child without one may have no pipes either. */
async function start(request: ProcessRequest, cwd: string): Promise<ChildProcessWithoutNullStreams> {
  const prlimit = 'prlimit' in request ? request.prlimit : PRLIMIT;
  const { file, args, argv0 } = limitedCommand(request.path, deadlineMs(request), prlimit);
  const child = spawn(file, args, {
    argv0,
    cwd,
    env: pluginEnvironment(request.env, process.env['PATH']),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw error;
  }
  return child;
}

function supervise(
  child: ChildProcessWithoutNullStreams,
  request: ProcessRequest,
  elapsed: () => number,
): Promise<ProcessOutcome> {
  return new Promise((resolve) => {
    const stdout = new CapturedStdout();
    const stderr = new StderrTail();
    let exit: { readonly code: number | null; readonly signal: string | null } | undefined;
    let stoppedBy: 'deadline' | 'abort' | 'stdout' | 'stderr' | undefined;
    let killing = false;
    let escalation: NodeJS.Timeout | undefined;

    const stop = (reason: NonNullable<typeof stoppedBy>): void => {
      if (stoppedBy !== undefined) return;
      stoppedBy = reason;
      signalGroup(child.pid, 'SIGTERM');
      escalation = setTimeout(kill, PROCESS_LIMITS.killGraceMs);
    };
    const kill = (): void => {
      if (killing) return;
      killing = true;
      clearTimeout(escalation);
      signalGroup(child.pid, 'SIGKILL');
      escalation = setTimeout(finish, PROCESS_LIMITS.reapGraceMs);
    };
    const overLimit = (stream: 'stdout' | 'stderr'): void => {
      stoppedBy ??= stream;
      kill();
    };
    const onAbort = (): void => stop('abort');
    const deadline = setTimeout(() => stop('deadline'), deadlineMs(request));

    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      clearTimeout(deadline);
      clearTimeout(escalation);
      request.signal?.removeEventListener('abort', onAbort);
      signalGroup(child.pid, 'SIGKILL');
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      child.unref();

      const { text, digest } = stdout.read();
      const stderrTail = stderr.text();
      const exitCode = exit?.code ?? undefined;
      const startError = limiterFault(exitCode, stdout.bytes, stderrTail);
      resolve({
        ...(exitCode !== undefined && { exitCode }),
        ...(exit?.signal && { signal: exit.signal }),
        durationMs: elapsed(),
        stdout: text,
        stdoutDigest: digest,
        stderrTail,
        timedOut: stoppedBy === 'deadline',
        aborted: stoppedBy === 'abort',
        ...((stoppedBy === 'stdout' || stoppedBy === 'stderr') && { limitExceeded: stoppedBy }),
        ...(startError !== undefined && { startError }),
      });
    };

    // One signal ends all runs of the service: as many listeners as there are processes, each removed at its end.
    if (request.signal) setMaxListeners(0, request.signal);
    request.signal?.addEventListener('abort', onAbort, { once: true });
    child.once('exit', (code, signal) => {
      exit = { code, signal };
    });
    child.once('close', finish);
    child.stdout.on('data', (chunk: Buffer) => {
      if (!stdout.take(chunk)) overLimit('stdout');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (!stderr.take(chunk)) overLimit('stderr');
    });
    // A plugin need not read its request (EPIPE), and a broken pipe says no more than the exit does.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
    child.stdin.end(request.stdin);
    // It may have been aborted while the process was being started.
    if (request.signal?.aborted) onAbort();
  });
}

/** Signals a whole process group; that nobody is left in it is what we want. */
function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function notStarted(
  durationMs: number,
  why: { readonly aborted?: boolean; readonly startError?: string },
): ProcessOutcome {
  const { text, digest } = new CapturedStdout().read();
  return {
    durationMs,
    stdout: text,
    stdoutDigest: digest,
    stderrTail: '',
    timedOut: false,
    aborted: false,
    ...why,
  };
}
