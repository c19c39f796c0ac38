import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { PROCESS_LIMITS } from '../limits.js';
import { GroupEnding } from '../process-group.js';
import type { ProcessExit, ProcessOutcome, StopReason } from '../process-outcome.js';
import { makeScratchDirectory } from '../scratch-directory.js';
import { startProcess, type ProcessStart } from '../start-process.js';
import type { EndReason } from './end-reason.js';
import { Exchange, type ExchangeRequest } from './exchange.js';

const REASON_OF_STOP = {
  deadline: 'timeout',
  abort: 'shutdown',
  stdout: 'output-limit',
  stderr: 'output-limit',
} as const satisfies Record<StopReason, EndReason>;

/**
 * A plugin process that serves one run after another: one line in, one line out, one run at a time. Isolated as a
 * one-shot process is, its working directory lives as long as it does. What it writes to stderr between two runs is
 * read and dropped; a byte on stdout between them ends it, because it could be taken for the next answer.
 */
export class PersistentProcess {
  /** Resolves when the process, its group and its directory are gone. */
  readonly ended: Promise<void>;
  /** By `performance.now()`. */
  readonly startedMs = performance.now();
  private runs = 0;
  private reason: EndReason | undefined;
  private exchange: Exchange | undefined;
  private exit: ProcessExit | undefined;
  private patience: NodeJS.Timeout | undefined;
  private readonly group: GroupEnding;
  private readonly gone: Promise<void>;
  private isGone = false;
  private onGone!: () => void;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    removeDirectory: () => Promise<void>,
    private readonly onEnding: () => void,
  ) {
    this.group = new GroupEnding(child.pid, () => this.finish());
    this.gone = new Promise((resolve) => (this.onGone = resolve));
    this.ended = this.gone.then(removeDirectory);
    child.stdout.on('data', (chunk: Buffer) => this.onStdout(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.exchange?.takeStderr(chunk));
    child.once('exit', (code, signal) => this.onExit({ code, signal }));
    child.once('close', () => this.finish());
    // That it does not read its request (EPIPE) is told by its exit or the deadline.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  }

  /** Throws when there is no process. `onEnding`: called once, when it begins to end for whatever reason. */
  static async start(start: ProcessStart, onEnding: () => void): Promise<PersistentProcess> {
    const directory = await makeScratchDirectory();
    try {
      const child = await startProcess(start, directory.path);
      return new PersistentProcess(child, () => directory.remove(), onEnding);
    } catch (error) {
      await directory.remove();
      throw error;
    }
  }

  get runCount(): number {
    return this.runs;
  }

  /** Why it ends or has ended; undefined while it can take a run. */
  get endReason(): EndReason | undefined {
    return this.reason;
  }

  /** Writes one request and waits for its line, the deadline or the end of the process. Not while a run is open. */
  ask(request: ExchangeRequest): Promise<ProcessOutcome> {
    this.runs += 1;
    const exchange = new Exchange(request, (reason) => this.stop(reason));
    this.exchange = exchange;
    this.child.stdin.write(request.line);
    // It may have been aborted while the process was being started.
    if (request.signal?.aborted) exchange.stop('abort');
    return exchange.outcome;
  }

  /** Closes its stdin; SIGTERM to the group after a grace, then SIGKILL. Resolves when it has ended. */
  retire(reason: EndReason): Promise<void> {
    if (this.begin(reason)) {
      this.child.stdin.end();
      this.patience = setTimeout(() => this.group.terminate(), PROCESS_LIMITS.killGraceMs);
    }
    return this.ended;
  }

  /** Ends it and the run in work now: SIGTERM to the group, then SIGKILL. Resolves when it has ended. */
  shutDown(): Promise<void> {
    this.begin('shutdown');
    this.child.stdin.end();
    this.exchange?.stop('abort');
    this.group.terminate();
    return this.ended;
  }

  private begin(reason: EndReason): boolean {
    if (this.reason !== undefined) return false;
    this.reason = reason;
    this.onEnding();
    return true;
  }

  private stop(reason: StopReason): void {
    this.begin(REASON_OF_STOP[reason]);
    if (reason === 'deadline' || reason === 'abort') this.group.terminate();
    else this.group.kill();
  }

  private onStdout(chunk: Buffer): void {
    const { exchange } = this;
    const wasAnswered = exchange?.isAnswered ?? false;
    const beyond = exchange ? exchange.takeStdout(chunk) : chunk.length;
    // What the plugin wrote to stderr before its answer is read in this turn of the event loop at the latest.
    if (exchange?.isAnswered && !wasAnswered) setImmediate(() => this.settle(exchange));
    if (beyond > 0) void this.retire('stray-output');
  }

  /** What it started and did not end would hold its pipes open: the group is killed at once. */
  private onExit(exit: ProcessExit): void {
    this.exit = exit;
    this.begin('exit');
    this.group.kill();
  }

  private settle(exchange: Exchange): void {
    if (this.exchange !== exchange) return;
    this.exchange = undefined;
    exchange.settle(this.exit);
  }

  private finish(): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.patience);
    this.group.finish();
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream.destroy();
    this.child.unref();
    if (this.exchange) this.settle(this.exchange);
    this.onGone();
  }
}
