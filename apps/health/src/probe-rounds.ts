import { Injectable } from '@nestjs/common';
import type { BackendWorker } from './backend-worker.js';
import type { Check } from './domain/check.js';
import { probeInterval, withJitter } from './domain/interval.js';
import { Heartbeats } from './heartbeats.js';
import { FIRST_PROBE_SPREAD_MS } from './limits.js';
import { probeTarget } from './probe-target.js';
import type { ProbeResult } from './probes/probe.js';
import { Probing } from './probing.js';
import { monotonicMs } from './timetable.js';

/** Who is probed and who sends heartbeats; results come in the same form from both. */
@Injectable()
export class ProbeRounds {
  /** When the next backend that has to be probed at once may be; many at once are spread. */
  private nextFirstMs = 0;

  constructor(
    private readonly probing: Probing,
    private readonly heartbeats: Heartbeats,
  ) {}

  /** Whether any results are to come. */
  get isRunning(): boolean {
    return this.probing.isProbing || this.heartbeats.isListening;
  }

  /** Starts; the first probe leaves at once, or at some time of the interval when the state is known. */
  start(
    worker: BackendWorker,
    check: Check,
    isKnown: boolean,
    onResult: (result: ProbeResult) => void,
  ): void {
    const target = probeTarget(worker.endpoint, check);
    if (!target) {
      this.heartbeats.start(worker.name, { ttlMs: check.ttlMs ?? check.intervalMs, onResult });
      return;
    }
    const nextInMs = (): number => withJitter(probeInterval(worker.machine, check), Math.random());
    const order = { target, nextInMs, onResult, ...(check.netns !== undefined && { netns: check.netns }) };
    this.probing.start(worker.name, order, isKnown ? Math.random() * nextInMs() : this.firstInMs());
  }

  stop(name: string): void {
    this.probing.stop(name);
    this.heartbeats.stop(name);
  }

  async close(): Promise<void> {
    this.heartbeats.close();
    await this.probing.close();
  }

  private firstInMs(): number {
    const nowMs = monotonicMs();
    this.nextFirstMs = Math.max(nowMs, this.nextFirstMs) + FIRST_PROBE_SPREAD_MS;
    return this.nextFirstMs - FIRST_PROBE_SPREAD_MS - nowMs;
  }
}
