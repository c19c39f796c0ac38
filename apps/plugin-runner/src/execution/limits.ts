import { BOUNDS } from '@signalbox/contracts';

/**
 * Every bound of one plugin process, in one place. Reference 6.6 and spec "Plugins". The bounds of what the result
 * may say stand in `domain/result-limits.ts`.
 */
export const PROCESS_LIMITS = {
  /** Milliseconds until the deadline when the plugin declares no timeout. */
  timeoutMs: 10_000,
  /** The longest deadline a timer can hold (about 24.8 days); longer timeouts end then. */
  longestTimeoutMs: 2 ** 31 - 1,
  /** Milliseconds between SIGTERM and SIGKILL, and for a persistent process between end of stdin and SIGTERM. */
  killGraceMs: 2_000,
  /** Milliseconds after SIGKILL until the run ends although something still holds its pipes. */
  reapGraceMs: 250,
  /** Bytes of stdout of one run; one more ends the process. Of a persistent one: of one line. */
  stdoutBytes: 4 * 1024 * 1024,
  /** Bytes of stderr of one run; one more ends the process. Of a persistent one: from one answer to the next. */
  stderrBytes: 64 * 1024,
  /** Bytes of the end of stderr that are kept. */
  stderrTailBytes: 8 * 1024,
  /** Bytes of the headers of an answer of an endpoint; its body has the bound of stdout. */
  answerHeaderBytes: 16 * 1024,
  /** Bytes of the file of authorities that an endpoint's certificate may be of. */
  authorityFileBytes: 1024 * 1024,
  /** Milliseconds without a run after which a connection to an endpoint is closed. */
  idleConnectionMs: 60_000,
  /** RLIMIT_DATA in bytes: the heap. Never AS (address space): Node reserves far more than it uses and dies. */
  dataBytes: 512 * 1024 * 1024,
  /** RLIMIT_NOFILE: open files. */
  openFiles: 256,
  /** RLIMIT_CORE in bytes: no core dumps, they hold what the plugin knew. */
  coreBytes: 0,
  /**
   * RLIMIT_CPU: seconds of processor time beyond the timeout; a net under the deadline. For one-shot processes only:
   * the limit counts over the life of a process, so one that serves many runs is bounded by its recycling instead.
   */
  cpuSpareSeconds: 2,
  /** Processes and threads inside one sandbox (RLIMIT_NPROC). Outside it would count all of the user's. */
  sandboxProcesses: 128,
  /** Bytes that a plugin can write to its working directory in the sandbox, which is memory. */
  sandboxScratchBytes: 64 * 1024 * 1024,
  /** Bytes of shared memory (/dev/shm) in the sandbox. */
  sandboxSharedBytes: 16 * 1024 * 1024,
  /** Rounds in which the processes that a run left are looked for: one that forks meanwhile is found in the next. */
  sweeps: 20,
  /** Milliseconds for which it is tried to remove the control group of a run. */
  cgroupRemovalMs: 2_000,
  /** Processes of one plugin at the same time when it declares no concurrency. */
  concurrency: 4,
  /** Requests that may be written to one persistent process and not answered yet, at most and at least. */
  window: 32,
  smallestWindow: 2,
  /** Milliseconds from its turn to its answer within which an answer is quick, so that the window may grow. */
  quickAnswerMs: 2,
  /** Milliseconds without an answer after which a process with open requests gets no more than the smallest window. */
  stalledMs: 100,
  /** Runs of one persistent plugin that may wait for room on its processes. */
  waitingRuns: BOUNDS.runsOfPlugin,
  /** Runs of one persistent process before it is replaced, when the plugin declares no `recycle.runs`. */
  recycleRuns: 10_000,
  /** Milliseconds one persistent process may live before it is replaced, when there is no `recycle.after`. */
  recycleAfterMs: 10 * 60_000,
  /** Milliseconds before a persistent process is worn out, at its present rate, at which its successor is started. */
  successorMs: 1_000,
  /** Milliseconds without a run after which a persistent process is ended. */
  idleMs: 60_000,
  /** Plugin files whose digest and trust are remembered. */
  rememberedDigests: BOUNDS.pluginDigests,
  /** Milliseconds a file must have been unchanged before its digest is remembered (see file-digest.ts). */
  settledMs: 2_000,
} as const;
