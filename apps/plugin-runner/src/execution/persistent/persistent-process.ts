import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { NO_REDACTION, type Redaction } from '../../domain/redaction.js';
import type { Enclosure } from '../containment/enclosure.js';
import { PROCESS_LIMITS } from '../limits.js';
import { GroupEnding } from '../process-group.js';
import type { ProcessExit, StopReason } from '../process-outcome.js';
import { startProcess, type ProcessStart } from '../start-process.js';
import { Dialogue } from './dialogue.js';
import type { EndReason } from './end-reason.js';
import type { OpenRun } from './open-run.js';

export interface PersistentStart extends ProcessStart {
  /** Milliseconds from the turn of a request until its deadline, > 0. */
  readonly timeoutMs: number;
}

/** What a process tells its pool. */
export interface ProcessOwner {
  /** A request was answered so many milliseconds after its turn began (see open-runs.ts). */
  onAnswer(turnMs: number): void;
  /** It has room again, or takes nothing more. */
  onChange(): void;
}

const REASON_OF_STOP = {
  deadline: 'timeout',
  abort: 'shutdown',
  stdout: 'output-limit',
  stderr: 'output-limit',
} as const satisfies Record<StopReason, EndReason>;

/**
 * A plugin process that serves many runs: one line in, one line out, several requests open at once, answered in any
 * order. Isolated as a one-shot process is, its working directory lives as long as it does. A byte on stdout while
 * nothing is open ends it, because it could be taken for the next answer.
 *
 * When it has to be ended, the run that is known to be the cause gets its outcome once the process is gone; the others
 * are interrupted. Without a known cause all are.
 */
export class PersistentProcess {
  /** Resolves when the process, its group and its directory are gone. */
  readonly ended: Promise<void>;
  /** By `performance.now()`. */
  readonly startedMs = performance.now();
  /** By `performance.now()`, while nothing is open. */
  idleSinceMs = this.startedMs;
  private readonly dialogue: Dialogue;
  private readonly group: GroupEnding;
  private runs = 0;
  private outbox = '';
  private retiredFor: EndReason | undefined;
  private failedFor: EndReason | undefined;
  private stoppedBy: StopReason | undefined;
  /** Those because of which it is stopped. */
  private blamed: readonly OpenRun[] = [];
  private exit: ProcessExit | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private patience: NodeJS.Timeout | undefined;
  private isGone = false;
  private onGone!: () => void;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly timeoutMs: number,
    private readonly owner: ProcessOwner,
    enclosure: Enclosure,
    redaction: Redaction,
  ) {
    this.dialogue = new Dialogue((turnMs) => owner.onAnswer(turnMs), redaction);
    this.group = new GroupEnding(child.pid, enclosure, () => this.finish());
    this.ended = new Promise<void>((resolve) => (this.onGone = resolve)).then(() =>
      enclosure.close(child.pid),
    );
    child.stdout.on('data', (chunk: Buffer) => this.onStdout(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (!this.dialogue.takeStderr(chunk, this.blamed.length > 0)) this.stop('stderr');
    });
    child.once('exit', (code, signal) => this.onExit(enclosure.exit(code, signal)));
    child.once('close', () => this.finish());
    // That it does not read its requests (EPIPE) is told by its exit or the deadline.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  }

  /** Throws when there is no process. */
  static async start(start: PersistentStart, owner: ProcessOwner): Promise<PersistentProcess> {
    const { child, enclosure } = await startProcess(start);
    const timeoutMs = Math.min(start.timeoutMs, PROCESS_LIMITS.longestTimeoutMs);
    const redaction = start.secrets?.redaction ?? NO_REDACTION;
    return new PersistentProcess(child, timeoutMs, owner, enclosure, redaction);
  }

  /** Requests that it was given. */
  get runCount(): number {
    return this.runs;
  }

  get openCount(): number {
    return this.dialogue.open.size;
  }

  /** Whether it has answered a request, so that its program is known to have started. */
  get isWarm(): boolean {
    return this.dialogue.answerCount > 0;
  }

  /** Why it ends or has ended; undefined while it takes requests. */
  get endReason(): EndReason | undefined {
    return this.failedFor ?? this.retiredFor;
  }

  /** Whether a request of this tag is open: the answers of two could not be told apart. */
  has(tag: string): boolean {
    return this.dialogue.open.has(tag);
  }

  /** Whether a run is open that may have none beside it. */
  get isExclusive(): boolean {
    return this.dialogue.open.head?.isAlone === true;
  }

  isStalled(nowMs: number): boolean {
    return this.dialogue.open.isStalled(nowMs);
  }

  /** Writes one request, together with the others of this turn of the event loop. Only while there is no end reason. */
  write(run: OpenRun): void {
    this.runs += 1;
    this.dialogue.open.add(run, performance.now());
    this.deadline ??= setTimeout(this.onDeadline, this.timeoutMs);
    if (this.outbox === '') process.nextTick(this.flush);
    this.outbox += run.line;
  }

  /** Takes nothing more; when all is answered stdin is closed, after a grace comes SIGTERM, then SIGKILL. */
  retire(reason: EndReason): void {
    if (this.endReason !== undefined) return;
    this.retiredFor = reason;
    if (this.openCount === 0) this.closeStdin();
  }

  /** What it answered to one run was no result: the others are asked of another process. */
  onInvalidResult(): void {
    if (this.failedFor === undefined) this.giveUp(true);
  }

  /** Ends it and the runs that are over; what else is open here is interrupted. */
  abort(): void {
    this.stop('abort', (run) => run.isOver);
  }

  /** Ends it and all runs in work now: SIGTERM to the group, then SIGKILL. Resolves when it has ended. */
  shutDown(): Promise<void> {
    this.retire('shutdown');
    this.child.stdin.end();
    this.stop('abort', () => true);
    this.group.terminate();
    return this.ended;
  }

  private readonly flush = (): void => {
    if (this.failedFor === undefined) this.child.stdin.write(this.outbox);
    this.outbox = '';
  };

  /** One timer serves all: the turn of the head may have begun only after it was set. */
  private readonly onDeadline = (): void => {
    this.deadline = undefined;
    const { open } = this.dialogue;
    if (open.size === 0) return;
    const leftMs = this.timeoutMs - open.turnMs(performance.now());
    if (leftMs > 0) this.deadline = setTimeout(this.onDeadline, Math.ceil(leftMs));
    else this.stop('deadline', (run) => run === open.head);
  };

  private onStdout(chunk: Buffer): void {
    const isDone = this.retiredFor !== undefined && this.openCount === 0;
    if (this.failedFor !== undefined || isDone) return;
    const said = this.dialogue.takeStdout(chunk);
    if (this.openCount === 0) this.idleSinceMs = performance.now();
    if (said === 'invalid') return this.giveUp(false);
    if (said === 'too-long') return this.stop('stdout');
    if (said === 'stray') this.retire('stray-output');
    if (this.retiredFor !== undefined && this.openCount === 0) this.closeStdin();
    this.owner.onChange();
  }

  /** What it started and did not end would hold its pipes open: the group is killed at once. */
  private onExit(exit: ProcessExit): void {
    this.exit = exit;
    this.retire('exit');
    this.group.kill();
    this.owner.onChange();
  }

  /** Ends it because of those that are meant; not told, because of the only one that is open, else of nobody known. */
  private stop(reason: StopReason, isMeant?: (run: OpenRun) => boolean): void {
    if (this.failedFor !== undefined) return;
    this.failedFor = REASON_OF_STOP[reason];
    this.stoppedBy = reason;
    const isBlamed = isMeant ?? (() => this.openCount === 1);
    this.blamed = this.dialogue.open.takeAll(isBlamed);
    if (reason === 'deadline' || reason === 'abort') this.group.terminate();
    else this.group.kill();
    this.interrupt(this.blamed.length > 0);
  }

  /** Ends it because of an answer that was none. */
  private giveUp(isBlameless: boolean): void {
    this.failedFor = 'result-invalid';
    if (this.openCount > 0) this.group.terminate();
    else this.closeStdin();
    this.interrupt(isBlameless);
  }

  private interrupt(isBlameless: boolean): void {
    for (const run of this.dialogue.open.takeAll()) run.onInterrupted(isBlameless);
    this.owner.onChange();
  }

  private closeStdin(): void {
    if (this.patience !== undefined) return;
    this.child.stdin.end();
    this.patience = setTimeout(() => this.group.terminate(), PROCESS_LIMITS.killGraceMs);
  }

  private finish(): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.patience);
    clearTimeout(this.deadline);
    this.group.finish();
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream.destroy();
    this.child.unref();
    // It exited by itself: with one request open it is clear because of which; without a program it is nobody's fault.
    const isClear = this.openCount === 1 || this.dialogue.startFault(this.exit).startError !== undefined;
    const unanswered = isClear ? this.dialogue.open.takeAll() : [];
    this.dialogue.close([...this.blamed, ...unanswered], this.stoppedBy, this.exit);
    this.interrupt(false);
    this.onGone();
  }
}
