import { type DiscoveredPart, errorBody, type ErrorBody } from '@signalbox/contracts';
import type { Clock } from '@signalbox/runtime';
import type { Observation } from '../domain/discovery/endpoint.js';
import type { SourceProgress, SourceProposal } from '../domain/discovery/source-progress.js';

/**
 * A change is proposed when this long has passed since the last one, so that a storm of changes costs a bounded part of the time of
 * whoever decides on them; at rest it does not wait. Milliseconds, and per resource of the part.
 */
const PACE = { least: 20, perResource: 0.1 } as const;

/** Longest wait of one timer: it does not see that the clock was set or the machine slept. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** Pause before what was refused is proposed again because the config changed. Milliseconds. */
const RETRY_MS = 1000;

/** Stores a proposal; rejects when it is too large for a message, or when stopped before. */
export type Propose = (part: DiscoveredPart) => Promise<void>;

/** One source at work: takes what it says, and proposes what follows, one proposal at a time. */
export class SourceLane {
  private timer: NodeJS.Timeout | undefined;
  private proposing: Promise<void> | undefined;
  private stopped = false;
  private lastMs = -Infinity;
  private latest: Observation | undefined;

  constructor(
    readonly progress: SourceProgress,
    private readonly clock: Clock,
    private readonly propose: Propose,
  ) {}

  /** What the source says; of what it says until the next proposal is due the last counts. */
  observed(observation: Observation): void {
    this.latest = observation;
    this.soon();
  }

  /** The renderer took a proposal. */
  accepted(runId: string): void {
    this.progress.accepted(runId);
  }

  /** The renderer refused a proposal: what fits of it is proposed. */
  rejected(runId: string, error: ErrorBody): void {
    if (this.progress.rejected(runId, error, this.clock.now())) this.soon();
  }

  /** The config changed: what was refused because of it may be right by now. */
  configChanged(): void {
    if (!this.stopped && this.progress.retry()) this.soon(RETRY_MS);
  }

  /** Proposes nothing more; resolves when what is under way is over. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.proposing;
  }

  private soon(leastMs = 0): void {
    if (this.proposing) return;
    const pace = PACE.least + PACE.perResource * this.progress.size;
    this.wakeIn(Math.max(leastMs, this.lastMs + pace - performance.now(), 0));
  }

  private wakeIn(waitMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.step(), Math.min(waitMs, LONGEST_WAIT_MS)).unref();
  }

  private step(): void {
    if (this.proposing || this.stopped) return;
    if (this.latest) this.progress.observe(this.latest, this.clock.now());
    this.latest = undefined;
    const proposal = this.progress.next(this.clock.now());
    if (proposal) {
      this.lastMs = performance.now();
      this.proposing = this.store(proposal);
      return;
    }
    const dueMs = this.progress.nextDueMs(this.clock.now());
    if (dueMs !== undefined) this.wakeIn(Math.max(1, dueMs - this.clock.now()));
  }

  private async store(proposal: SourceProposal): Promise<void> {
    try {
      await this.propose(proposal.part);
    } catch (error) {
      // what is too large is as large the next time: it waits for a change
      this.progress.failed(errorBody(error), this.clock.now());
    }
    this.progress.stored(proposal);
    this.proposing = undefined;
    this.soon();
  }
}
