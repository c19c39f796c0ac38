import { hash } from 'node:crypto';
import type { Redaction } from '../../domain/redaction.js';
import { readAnswer, tagOf, type Answer } from '../answer.js';
import { StderrTail } from '../captured-output.js';
import { PROCESS_LIMITS } from '../limits.js';
import { stopOf, type ProcessExit, type StopReason } from '../process-outcome.js';
import { limiterFault } from '../resource-limits.js';
import { LineBuffer } from './line-buffer.js';
import type { OpenRun } from './open-run.js';
import { OpenRuns } from './open-runs.js';

/**
 * What the bytes on stdout were: `fine`, answers or a part of one; `stray`, written while nothing was open; `invalid`, a
 * line that names no open request; `too-long`, a line beyond its limit.
 */
export type Said = 'fine' | 'stray' | 'invalid' | 'too-long';

interface Answered {
  readonly run: OpenRun;
  readonly line: Buffer;
  readonly answer: Answer;
}

/** The requests that are open on one process, and what it says: which line answers which, and whose stderr it is. */
export class Dialogue {
  readonly open = new OpenRuns<OpenRun>();
  private readonly lines = new LineBuffer(PROCESS_LIMITS.stdoutBytes);
  private stderr: StderrTail;
  private answers = 0;
  /** Answered in this turn of the event loop. */
  private answered: Answered[] = [];

  /** `onAnswer`: told the milliseconds of its turn, see {@link OpenRuns}. `redaction`: what is left out of stderr and of errors. */
  constructor(
    private readonly onAnswer: (turnMs: number) => void,
    private readonly redaction: Redaction,
  ) {
    this.stderr = new StderrTail(redaction);
  }

  get answerCount(): number {
    return this.answers;
  }

  takeStdout(chunk: Buffer): Said {
    for (const line of this.lines.take(chunk)) {
      const said = this.takeLine(line);
      if (said !== 'fine') return said;
    }
    if (this.lines.isTooLong) return 'too-long';
    return this.open.size === 0 && this.lines.hasBegun ? 'stray' : 'fine';
  }

  /**
   * False when more was written since the last answer than is allowed. What belongs to no run is dropped; `isAwaited`:
   * a run that is not open any more waits for the end of the process.
   */
  takeStderr(chunk: Buffer, isAwaited: boolean): boolean {
    if (this.open.size === 0 && this.answered.length === 0 && !isAwaited) return true;
    return this.stderr.take(chunk) || this.open.size === 0;
  }

  /** The outcome of runs that were not answered, when the process is over. */
  close(
    unanswered: readonly OpenRun[],
    stoppedBy: StopReason | undefined,
    exit: ProcessExit | undefined,
  ): void {
    this.settle();
    const stdout = this.lines.rest();
    const stderrTail = this.stderr.text();
    const exitCode = exit?.code ?? undefined;
    const outcome = {
      isComplete: false,
      ...(exitCode !== undefined && { exitCode }),
      ...(exit?.signal && { signal: exit.signal }),
      stdout,
      stdoutDigest: hash('sha256', stdout),
      stderrTail,
      ...stopOf(stoppedBy),
      ...this.startFault(exit),
    };
    for (const run of unanswered) run.onOutcome({ ...outcome, durationMs: durationOf(run) });
  }

  /** Why the program was never started, if that is how the process ended. */
  startFault(exit: ProcessExit | undefined): { readonly startError?: string } {
    const stdoutBytes = this.answers + this.lines.rest().length;
    const startError = limiterFault(exit?.code ?? undefined, stdoutBytes, this.stderr.text());
    return startError === undefined ? {} : { startError };
  }

  private takeLine(line: Buffer): Said {
    if (this.open.size === 0) return 'stray';
    const answer = readAnswer(line, this.redaction);
    const nowMs = performance.now();
    const tag = tagOf(answer);
    const taken = tag === undefined ? undefined : this.open.take(tag, nowMs);
    if (taken) {
      this.note(taken.run, line, answer);
      this.onAnswer(taken.turnMs);
      return 'fine';
    }
    // It is the answer of the only one that is open, and is refused as that.
    if (this.open.size === 1) for (const run of this.open.takeAll()) this.note(run, line, answer);
    return 'invalid';
  }

  /** What it wrote to stderr before its answer is read in this turn of the event loop at the latest. */
  private note(run: OpenRun, line: Buffer, answer: Answer): void {
    if (this.answered.length === 0) setImmediate(this.settle);
    this.answered.push({ run, line, answer });
    this.answers += 1;
  }

  /** The first of several answers that were read together gets the stderr: more cannot be told of two pipes. */
  private readonly settle = (): void => {
    if (this.answered.length === 0) return;
    let stderrTail = '';
    if (!this.stderr.isEmpty) {
      stderrTail = this.stderr.text();
      this.stderr = new StderrTail(this.redaction);
    }
    const { answered } = this;
    this.answered = [];
    for (const { run, line, answer } of answered) {
      run.onOutcome({
        isComplete: true,
        durationMs: durationOf(run),
        stdout: line,
        answer,
        stdoutDigest: hash('sha256', line),
        stderrTail,
        ...stopOf(undefined),
      });
      stderrTail = '';
    }
  };
}

function durationOf({ startedMs }: OpenRun): number {
  return Math.round(performance.now() - startedMs);
}
