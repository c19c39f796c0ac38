import { onAbort } from '../abort-listener.js';
import { notStarted, type ProcessOutcome } from '../process-outcome.js';
import type { RunPlace, RunRequest } from '../run-place.js';
import type { OpenRun } from './open-run.js';
import type { PersistentProcess } from './persistent-process.js';

/** What a run asks of its pool. */
export interface RunOwner {
  readonly isStopped: boolean;
  /** Gives the run to a process as soon as one has room. */
  enqueue(run: PooledRun): void;
  /** The run does not wait for a process any more. */
  leave(run: PooledRun): void;
  /** No process may take another run. */
  recycle(): void;
}

/**
 * One run of a persistent plugin, on one process after another until one has answered or is known to have failed
 * because of it. Interrupted for no known cause, or a second time, it is run alone: so it is given to at most three
 * processes, and a request that ends its process is found out.
 */
export class PooledRun implements RunPlace, OpenRun {
  startedMs = 0;
  request!: RunRequest;
  private process: PersistentProcess | undefined;
  private resolve!: (outcome: ProcessOutcome | undefined) => void;
  private leaveSignal!: () => void;
  private interruptions = 0;
  private isSuspect = false;

  constructor(private readonly owner: RunOwner) {}

  get tag(): string {
    return this.request.tag;
  }

  get line(): string {
    return this.request.stdin;
  }

  get isAlone(): boolean {
    return this.isSuspect;
  }

  /** Whether it was interrupted before: it goes first. */
  get isAgain(): boolean {
    return this.interruptions > 0;
  }

  get isOver(): boolean {
    return this.owner.isStopped || this.request.signal?.aborted === true;
  }

  run(request: RunRequest): Promise<ProcessOutcome | undefined> {
    if (!this.isAgain) this.startedMs = performance.now();
    this.request = request;
    this.process = undefined;
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (this.isOver) return resolve(this.without({ aborted: true }));
      this.leaveSignal = onAbort(request.signal, () => this.onAborted());
      this.owner.enqueue(this);
    });
  }

  onUntrusted(): void {
    this.owner.recycle();
  }

  onInvalidResult(): void {
    this.process?.onInvalidResult();
  }

  /** It was written to this process. */
  onWritten(process: PersistentProcess): void {
    this.process = process;
  }

  /** It gets no process. */
  refuse(why: { readonly aborted?: boolean; readonly startError?: string }): void {
    this.onOutcome(this.without(why));
  }

  onOutcome(outcome: ProcessOutcome): void {
    this.leaveSignal();
    this.resolve(outcome);
  }

  onInterrupted(isBlameless: boolean): void {
    this.leaveSignal();
    this.isSuspect = !isBlameless || this.interruptions > 0;
    this.interruptions += 1;
    this.resolve(undefined);
  }

  private onAborted(): void {
    if (this.process) return this.process.abort();
    this.owner.leave(this);
    this.refuse({ aborted: true });
  }

  private without(why: { readonly aborted?: boolean; readonly startError?: string }): ProcessOutcome {
    return notStarted(Math.round(performance.now() - this.startedMs), why);
  }
}
