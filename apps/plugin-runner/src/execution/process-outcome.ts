import type { Answer } from './answer.js';
import { CapturedStdout } from './captured-output.js';

/** Why a run was ended before its process was done. */
export type StopReason = 'deadline' | 'abort' | 'stdout' | 'stderr';

/** What the process of one run left behind, not yet judged. */
export interface ProcessOutcome {
  /**
   * Whether the process did all that the protocol asks: one-shot, it exited with 0; persistent, it wrote one whole
   * line. What it wrote may still be no valid result.
   */
  readonly isComplete: boolean;
  /** Only when the process ended within the run; so a persistent one that answered has none. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Whole milliseconds from start to end, by a clock that never jumps. */
  readonly durationMs: number;
  /** At most 4 MiB, as it came; of a persistent process the line. */
  readonly stdout: Buffer;
  /** What `stdout` says, when it was read already. */
  readonly answer?: Answer;
  /** sha256 hex of the bytes in `stdout`. */
  readonly stdoutDigest: string;
  /** At most the last 8 KiB. */
  readonly stderrTail: string;
  readonly timedOut: boolean;
  /**
   * Only when the process itself had exited before its deadline: who was left of its group and held its stdout or
   * stderr open, as `pid (command)`; none when nobody could be found.
   */
  readonly heldBy?: readonly string[];
  readonly aborted: boolean;
  readonly limitExceeded?: 'stdout' | 'stderr';
  /** Why there was no plugin process at all. */
  readonly startError?: string;
}

/** How a process ended, as the operating system tells it. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The members of an outcome that say why the run was stopped, if it was. */
export function stopOf(
  reason: StopReason | undefined,
): Pick<ProcessOutcome, 'timedOut' | 'aborted' | 'limitExceeded'> {
  return {
    timedOut: reason === 'deadline',
    aborted: reason === 'abort',
    ...((reason === 'stdout' || reason === 'stderr') && { limitExceeded: reason }),
  };
}

/** A run that had no process. */
export function notStarted(
  durationMs: number,
  why: { readonly aborted?: boolean; readonly startError?: string },
): ProcessOutcome {
  return {
    isComplete: false,
    durationMs,
    ...new CapturedStdout().read(),
    stderrTail: '',
    timedOut: false,
    aborted: false,
    ...why,
  };
}
