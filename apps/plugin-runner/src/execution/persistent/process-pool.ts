import { CodedError } from '@signalbox/contracts';
import { PROCESS_LIMITS } from '../limits.js';
import type { RunRequest } from '../run-place.js';
import { AnswerWindow } from './answer-window.js';
import type { EndReason } from './end-reason.js';
import { PersistentProcess, type ProcessOwner } from './persistent-process.js';
import { PooledRun, type RunOwner } from './pooled-run.js';
import { RunQueue } from './run-queue.js';
import { WaitingLine } from './waiting-line.js';
import { isNearlyWorn, wornBy } from './wear.js';

/** What happens to a pool. */
export interface PoolEvents {
  onEnded(reason: EndReason): void;
  /** The last process has ended and there is no run. */
  onEmpty(): void;
}

export interface PoolOptions {
  /** Milliseconds without a run after which a process is ended. */
  readonly idleMs: number;
  /** Most requests that are open on one process. */
  readonly window: number;
}

/** Tells a plugin that it is to serve many lines. */
const MODE = { SIGNALBOX_PLUGIN_MODE: 'persistent' } as const;

/**
 * The processes of one persistent plugin. At most `concurrency` of them take requests, and one more may be there: it
 * ends, or it is worn out and its successor takes over. A request goes to the process with the fewest open ones, of
 * equal ones to the oldest, so that those which are not needed become idle and end. A further process is started when
 * all are busy to the half of what they may have open.
 */
export class ProcessPool implements ProcessOwner, RunOwner {
  /** All that are not gone, oldest first. */
  private readonly processes = new Set<PersistentProcess>();
  private readonly queue = new RunQueue<PooledRun>();
  private readonly waiting = new WaitingLine<PooledRun>(PROCESS_LIMITS.waitingRuns);
  private readonly window: AnswerWindow;
  private held = 0;
  private concurrency = 1;
  /** Of the processes that take requests. */
  private identity: string | undefined;
  private recycling: RunRequest['recycle'] = { runs: 0, afterMs: 0 };
  private starting: Promise<void> | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly events: PoolEvents,
    private readonly options: PoolOptions,
  ) {
    this.window = new AnswerWindow(options.window);
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Runs that wait for a place. */
  get waitingRuns(): number {
    return this.waiting.size;
  }

  /**
   * A place for one run; {@link release} it. As many are given as the processes can have open; then it waits. Throws
   * `not-ready` when too many wait, `run-lost` at shutdown.
   */
  hold(concurrency: number, signal?: AbortSignal): PooledRun | Promise<PooledRun> {
    this.concurrency = concurrency;
    this.admit();
    return this.newRun() ?? this.waiting.join(signal, shuttingDown);
  }

  release(): void {
    this.held -= 1;
    this.admit();
    this.tellIfEmpty();
  }

  enqueue(run: PooledRun): void {
    this.queue.add(run);
    this.dispatch();
  }

  leave(run: PooledRun): void {
    this.queue.remove(run);
  }

  /** Ends the processes: idle ones now, the others when what they have open is answered. */
  recycle(): void {
    this.identity = undefined;
    for (const process of this.processes) process.retire('changed');
  }

  onAnswer(turnMs: number): void {
    this.window.onAnswer(turnMs);
  }

  onChange(): void {
    this.admit();
    this.dispatch();
  }

  /** Ends everything now, runs in work included. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.idleTimer);
    this.waiting.refuseAll(shuttingDown());
    for (let run = this.queue.first; run; run = this.queue.first) {
      this.queue.remove(run);
      run.refuse({ aborted: true });
    }
    await this.starting;
    await Promise.all([...this.processes].map((process) => process.shutDown()));
  }

  private get capacity(): number {
    return this.concurrency * this.window.size;
  }

  private newRun(): PooledRun | undefined {
    if (this.waiting.size > 0 || this.held >= this.capacity) return undefined;
    this.held += 1;
    return new PooledRun(this);
  }

  private admit(): void {
    while (!this.stopped && this.waiting.size > 0 && this.held < this.capacity) {
      this.held += 1;
      this.waiting.next(new PooledRun(this));
    }
  }

  /** Gives runs to processes while there is room. In order: one that has to be alone is not overtaken for ever. */
  private dispatch(): void {
    for (let run = this.queue.first; run && !this.stopped; run = this.queue.first) {
      const nowMs = performance.now();
      this.adopt(run.request);
      this.retireWorn(nowMs);
      if (this.needsProcess(run, nowMs)) this.starting = this.start(run.request);
      const process = this.processFor(run, nowMs);
      if (!process) return;
      this.queue.remove(run);
      run.onWritten(process);
      process.write(run);
      this.retireWorn(nowMs);
    }
  }

  /** A run of this identity begins: processes of another one are of no use any more. */
  private adopt({ identity, recycle }: RunRequest): void {
    if (this.identity === identity) return;
    this.recycle();
    this.identity = identity;
    this.recycling = recycle;
  }

  private retireWorn(nowMs: number): void {
    for (const process of this.processes) {
      const reason = wornBy(lifeOf(process, nowMs), this.recycling);
      if (reason !== undefined) process.retire(reason);
    }
  }

  /**
   * How many requests may be open on a process so that it takes this run: one until its program is known to have
   * started, none beside a run that is alone.
   */
  private limitFor(run: PooledRun, process: PersistentProcess, nowMs: number): number {
    if (process.isExclusive) return 0;
    if (run.isAlone || !process.isWarm) return 1;
    const { size } = this.window;
    return process.isStalled(nowMs) ? Math.min(size, PROCESS_LIMITS.smallestWindow) : size;
  }

  private needsProcess(run: PooledRun, nowMs: number): boolean {
    if (this.starting || this.processes.size > this.concurrency) return false;
    let lasting = 0;
    let isOneFree = false;
    for (const process of this.processes) {
      if (process.endReason !== undefined) continue;
      if (!isNearlyWorn(lifeOf(process, nowMs), this.recycling)) lasting += 1;
      if (process.openCount < this.limitFor(run, process, nowMs) / 2) isOneFree = true;
    }
    return lasting === 0 || (lasting < this.concurrency && !isOneFree);
  }

  private processFor(run: PooledRun, nowMs: number): PersistentProcess | undefined {
    let best: PersistentProcess | undefined;
    for (const process of this.processes) {
      if (process.endReason !== undefined || process.has(run.tag)) continue;
      const limit = this.limitFor(run, process, nowMs);
      if (process.openCount < Math.min(limit, best?.openCount ?? limit)) best = process;
    }
    return best;
  }

  private async start(request: RunRequest): Promise<void> {
    const { identity } = request;
    try {
      const env = { ...request.env, ...MODE };
      const process = await PersistentProcess.start({ ...request, env }, this);
      this.processes.add(process);
      void process.ended.then(() => this.onEnded(process));
      if (identity !== this.identity) process.retire('changed');
      if (!this.stopped) this.idleTimer ??= setTimeout(this.retireIdle, this.options.idleMs).unref();
    } catch (error) {
      const { first } = this.queue;
      if (first?.request.identity === identity) {
        this.queue.remove(first);
        first.refuse({ startError: (error as Error).message });
      }
    }
    this.starting = undefined;
    this.dispatch();
  }

  /** One timer serves all: it comes when the first of them can have been idle for so long. */
  private readonly retireIdle = (): void => {
    this.idleTimer = undefined;
    const nowMs = performance.now();
    let nextMs = Infinity;
    for (const process of this.processes) {
      if (process.endReason !== undefined) continue;
      const leftMs =
        process.openCount > 0 ? this.options.idleMs : process.idleSinceMs + this.options.idleMs - nowMs;
      if (leftMs <= 0) process.retire('idle');
      else nextMs = Math.min(nextMs, leftMs);
    }
    if (nextMs < Infinity) this.idleTimer = setTimeout(this.retireIdle, Math.ceil(nextMs)).unref();
  };

  private onEnded(process: PersistentProcess): void {
    this.processes.delete(process);
    this.events.onEnded(process.endReason ?? 'exit');
    this.dispatch();
    this.tellIfEmpty();
  }

  private tellIfEmpty(): void {
    if (this.processes.size === 0 && !this.starting && this.held === 0 && this.waiting.size === 0)
      this.events.onEmpty();
  }
}

function lifeOf(
  process: PersistentProcess,
  nowMs: number,
): { readonly runs: number; readonly ageMs: number } {
  return { runs: process.runCount, ageMs: nowMs - process.startedMs };
}

/** The error of a run that never started. */
export function shuttingDown(): CodedError {
  return new CodedError('run-lost', 'was not started because the service is shutting down');
}
