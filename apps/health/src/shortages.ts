import { Injectable } from '@nestjs/common';
import { type Alarm, formatTime } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { shortageAlarm } from './domain/alarms.js';
import { ProbeMetrics } from './probe-metrics.js';
import type { ProbeResult } from './probes/probe.js';

/** Backends without a verdict because we are short of something ourselves; see `ProbeResult.shortage`. */
@Injectable()
export class Shortages {
  /** Cause and detail of the last probe, by backend. */
  private readonly standing = new Map<string, { readonly cause: string; readonly detail: string }>();
  private sinceMs = 0;

  constructor(
    private readonly metrics: ProbeMetrics,
    private readonly clock: Clock,
  ) {}

  /** Takes note of a result; true when it is no verdict. */
  note(backend: string, { shortage: cause, detail }: ProbeResult): boolean {
    if (cause === undefined) {
      this.standing.delete(backend);
      return false;
    }
    if (this.standing.size === 0) this.sinceMs = this.clock.now();
    this.standing.set(backend, { cause, detail });
    this.metrics.undecided(cause);
    return true;
  }

  /** No results of this backend are to come. */
  forget(backend: string): void {
    this.standing.delete(backend);
  }

  /** There is one while any backend is without a verdict. */
  get alarms(): Alarm[] {
    return shortageAlarm([...this.standing.values()], formatTime(this.sinceMs));
  }
}
