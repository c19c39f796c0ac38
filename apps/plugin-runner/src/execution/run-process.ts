import { NO_REDACTION } from '../domain/redaction.js';
import { onAbort } from './abort-listener.js';
import { CapturedStdout, StderrTail } from './captured-output.js';
import { PROCESS_LIMITS } from './limits.js';
import { GroupEnding, membersOfGroup } from './process-group.js';
import {
  notStarted,
  stopOf,
  type ProcessExit,
  type ProcessOutcome,
  type StopReason,
} from './process-outcome.js';
import { limiterFault } from './resource-limits.js';
import { startProcess, type ProcessStart, type StartedProcess } from './start-process.js';

/** One process to run. */
export interface ProcessRequest extends Omit<ProcessStart, 'cpuMs'> {
  /** Milliseconds until the deadline, > 0. */
  readonly timeoutMs: number;
  /** Written to stdin, which is then closed. */
  readonly stdin: string;
  /** Ends the process as a deadline does; the outcome says `aborted`. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a plugin process to its end and never throws for what the process does. It gets its own process group, an
 * environment of its own, an empty working directory that is removed afterwards, and resource limits. It has ended
 * when it has exited and closed stdout and stderr; whatever is left of it is then killed.
 *
 * At the deadline the group gets SIGTERM, 2 s later SIGKILL; too much output is answered by SIGKILL at once. So the
 * run is over at most timeout + 2.25 s after its start, even if a descendant keeps the pipes open (P16). A descendant
 * that leaves the process group is ended with its enclosure (see containment/enclosure.ts).
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessOutcome> {
  const startedMs = performance.now();
  const elapsed = (): number => Math.round(performance.now() - startedMs);
  if (request.signal?.aborted) return notStarted(elapsed(), { aborted: true });
  try {
    const started = await startProcess({ ...request, cpuMs: deadlineMs(request) });
    try {
      return await supervise(started, request, elapsed);
    } finally {
      await started.enclosure.close(started.child.pid);
    }
  } catch (error) {
    return notStarted(elapsed(), { startError: (error as Error).message });
  }
}

function deadlineMs(request: ProcessRequest): number {
  return Math.min(request.timeoutMs, PROCESS_LIMITS.longestTimeoutMs);
}

function supervise(
  { child, enclosure }: StartedProcess,
  request: ProcessRequest,
  elapsed: () => number,
): Promise<ProcessOutcome> {
  return new Promise((resolve) => {
    const stdout = new CapturedStdout();
    const redaction = request.secrets?.redaction ?? NO_REDACTION;
    const stderr = new StderrTail(redaction);
    let exit: ProcessExit | undefined;
    let stoppedBy: StopReason | undefined;
    let heldBy: readonly string[] | undefined;
    let finished = false;

    const finish = (): void => {
      if (finished) return;
      finished = true;
      clearTimeout(deadline);
      leaveSignal();
      group.finish();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      child.unref();

      const stderrTail = stderr.text();
      const exitCode = exit?.code ?? undefined;
      const startError = limiterFault(exitCode, stdout.bytes, stderrTail);
      resolve({
        isComplete: exitCode === 0,
        ...(exitCode !== undefined && { exitCode }),
        ...(exit?.signal && { signal: exit.signal }),
        durationMs: elapsed(),
        ...stdout.read(),
        stderrTail,
        ...stopOf(stoppedBy),
        ...(heldBy && { heldBy }),
        ...(startError !== undefined && { startError }),
      });
    };

    const group = new GroupEnding(child.pid, enclosure, finish);
    const stop = (reason: StopReason): void => {
      if (stoppedBy !== undefined) return;
      stoppedBy = reason;
      group.terminate();
    };
    const overLimit = (stream: 'stdout' | 'stderr'): void => {
      stoppedBy ??= stream;
      group.kill();
    };
    const leaveSignal = onAbort(request.signal, () => stop('abort'));
    const deadline = setTimeout(() => {
      if (exit) heldBy = membersOfGroup(child.pid, redaction.text);
      stop('deadline');
    }, deadlineMs(request));

    child.once('exit', (code, signal) => {
      exit = enclosure.exit(code, signal);
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
    if (request.signal?.aborted) stop('abort');
  });
}
