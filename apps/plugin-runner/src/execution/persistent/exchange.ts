import { setMaxListeners } from 'node:events';
import { CapturedStdout, StderrTail } from '../captured-output.js';
import { PROCESS_LIMITS } from '../limits.js';
import { stopOf, type ProcessExit, type ProcessOutcome, type StopReason } from '../process-outcome.js';
import { limiterFault } from '../resource-limits.js';

/** One run on a living process. */
export interface ExchangeRequest {
  /** The request with its line feed. */
  readonly line: string;
  /** Milliseconds until the deadline, > 0. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** When the run began, by `performance.now()`. */
  readonly startedMs: number;
}

const LINE_FEED = 0x0a;

/** One request and what a living process wrote from then on: the answer ends with the first line feed on stdout. */
export class Exchange {
  readonly outcome: Promise<ProcessOutcome>;
  private readonly stdout = new CapturedStdout();
  private readonly stderr = new StderrTail();
  private readonly deadline: NodeJS.Timeout;
  private stoppedBy: StopReason | undefined;
  private answered = false;
  private resolve!: (outcome: ProcessOutcome) => void;

  /** `onStop`: called at most once, when the process has to be ended because of this run. */
  constructor(
    private readonly request: ExchangeRequest,
    private readonly onStop: (reason: StopReason) => void,
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    const { signal, timeoutMs } = request;
    this.deadline = setTimeout(
      () => this.stop('deadline'),
      Math.min(timeoutMs, PROCESS_LIMITS.longestTimeoutMs),
    );
    // One signal ends all runs of the service: as many listeners as there are runs, each removed at its end.
    if (signal) setMaxListeners(0, signal);
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get isAnswered(): boolean {
    return this.answered;
  }

  /** Takes the next bytes of stdout and returns how many of them are beyond the answer. */
  takeStdout(chunk: Buffer): number {
    if (this.answered) return chunk.length;
    const end = chunk.indexOf(LINE_FEED) + 1;
    const line = end === 0 ? chunk : chunk.subarray(0, end);
    if (!this.stdout.take(line)) this.stop('stdout');
    else if (end > 0 && this.stoppedBy === undefined) {
      this.answered = true;
      this.detach();
    }
    return this.answered ? chunk.length - line.length : 0;
  }

  takeStderr(chunk: Buffer): void {
    if (!this.stderr.take(chunk) && !this.answered) this.stop('stderr');
  }

  /** Ends the run early; nothing happens once it is answered or stopped. */
  stop(reason: StopReason): void {
    if (this.answered || this.stoppedBy !== undefined) return;
    this.stoppedBy = reason;
    this.detach();
    this.onStop(reason);
  }

  /** Resolves the outcome; `exit` when the process is over and the run was not answered. */
  settle(exit?: ProcessExit): void {
    this.detach();
    const stderrTail = this.stderr.text();
    const ending = this.answered ? undefined : exit;
    const exitCode = ending?.code ?? undefined;
    const startError = limiterFault(exitCode, this.stdout.bytes, stderrTail);
    this.resolve({
      isComplete: this.answered,
      ...(exitCode !== undefined && { exitCode }),
      ...(ending?.signal && { signal: ending.signal }),
      durationMs: Math.round(performance.now() - this.request.startedMs),
      ...this.stdout.read(),
      stderrTail,
      ...stopOf(this.stoppedBy),
      ...(startError !== undefined && { startError }),
    });
  }

  private readonly onAbort = (): void => this.stop('abort');

  private detach(): void {
    clearTimeout(this.deadline);
    this.request.signal?.removeEventListener('abort', this.onAbort);
  }
}
