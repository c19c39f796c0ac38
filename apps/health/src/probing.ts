import { Injectable } from '@nestjs/common';
import { descriptorLimit, descriptorsForProbes, descriptorsOf } from './descriptors.js';
import { ProbeMetrics } from './probe-metrics.js';
import { Probers } from './probes/probers.js';
import type { ProbeResult, ProbeTarget } from './probes/probe.js';
import { monotonicMs, Timetable } from './timetable.js';

/** What is probed, how often, and who gets the results. */
export interface ProbeOrder {
  readonly target: ProbeTarget;
  readonly netns?: string;
  /** Time to the next probe, asked after each result. Milliseconds. */
  readonly nextInMs: () => number;
  readonly onResult: (result: ProbeResult) => void;
}

interface Ordered {
  readonly order: ProbeOrder;
  abort?: AbortController;
}

/**
 * Probes each backend when it is due, on a clock that only goes forward. One probe of a backend at a time; the next one
 * is due an interval after the start of the last, or at its end when it takes longer. Probes hold no more descriptors than
 * the process can spare; more wait, which the slip metric shows.
 */
@Injectable()
export class Probing {
  private readonly orders = new Map<string, Ordered>();
  private readonly timetable = new Timetable((name, dueMs) => this.begin(name, dueMs));
  private readonly waiting: { name: string; dueMs: number }[] = [];
  private readonly descriptors = descriptorsForProbes(descriptorLimit());
  /** Descriptors of the probes on their way. */
  private held = 0;

  constructor(
    private readonly probers: Probers,
    private readonly metrics: ProbeMetrics,
  ) {}

  /** Whether anything is probed. */
  get isProbing(): boolean {
    return this.orders.size > 0;
  }

  /** Probes that wait for a descriptor. */
  get inLine(): number {
    return this.waiting.length;
  }

  /** Starts probing a backend, in place of what was ordered before. */
  start(name: string, order: ProbeOrder, firstInMs: number): void {
    this.stop(name);
    this.orders.set(name, { order });
    this.timetable.set(name, monotonicMs() + firstInMs);
  }

  /** From now on nothing leaves for this backend and no result comes back. */
  stop(name: string): void {
    this.timetable.delete(name);
    this.orders.get(name)?.abort?.abort();
    this.orders.delete(name);
  }

  async close(): Promise<void> {
    this.timetable.stop();
    for (const name of [...this.orders.keys()]) this.stop(name);
    await this.probers.close();
  }

  private get hasRoom(): boolean {
    return this.held < this.descriptors;
  }

  private begin(name: string, dueMs: number): void {
    const ordered = this.orders.get(name);
    // stopped while it waited, or started anew and on its way already
    if (!ordered || ordered.abort) return;
    if (!this.hasRoom) this.waiting.push({ name, dueMs });
    else void this.probe(name, ordered, dueMs);
  }

  private async probe(name: string, ordered: Ordered, dueMs: number): Promise<void> {
    const { order } = ordered;
    const startedMs = monotonicMs();
    this.metrics.slipped((startedMs - dueMs) / 1000);
    const abort = new AbortController();
    ordered.abort = abort;
    const needed = descriptorsOf(order.target.type);
    this.held += needed;
    const result = await this.probers.of(order.netns).probe(order.target, abort.signal);
    this.held -= needed;
    if (this.orders.get(name) === ordered) {
      delete ordered.abort;
      order.onResult(result);
      // what came of the result may have ended the order
      if (this.orders.get(name) === ordered)
        this.timetable.set(name, Math.max(monotonicMs(), startedMs + order.nextInMs()));
    }
    this.beginWaiting();
  }

  /** As many as there is room for: some of those that waited may have been stopped since. */
  private beginWaiting(): void {
    while (this.hasRoom) {
      const next = this.waiting.shift();
      if (!next) return;
      this.begin(next.name, next.dueMs);
    }
  }
}
