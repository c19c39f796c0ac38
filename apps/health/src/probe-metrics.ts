import { Injectable } from '@nestjs/common';
import { type ManySeries, Metrics } from '@signalbox/runtime';
import type { Counter, Histogram } from 'prom-client';
import { BackendSeries } from './backend-series.js';
import type { ProbeResult } from './probes/probe.js';

const SLIP_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5];

/**
 * Metrics of probes and transitions, names and labels of reference maglev section 10. The series of a backend go when it
 * goes, so that backends which come and go do not add up.
 */
@Injectable()
export class ProbeMetrics {
  private readonly backends = new Map<string, BackendSeries>();
  private readonly late: Counter;
  private readonly short: Counter;
  private readonly slip: Histogram;

  constructor(metrics: Metrics) {
    const add = (
      type: ManySeries['type'],
      name: string,
      help: string,
      linesOf: (backend: BackendSeries) => Iterable<string>,
    ): void => metrics.add({ type, name, help, lines: () => this.each(linesOf) });
    const [probes, seconds] = ['maglev_probe_total', 'maglev_probe_duration_seconds'];
    const transitions = 'maglev_backend_transitions_total';
    add('counter', probes, 'Probes by their result', (backend) => backend.probeLines(probes));
    add('histogram', seconds, 'Duration of a probe', (backend) => backend.durationLines(seconds));
    add('counter', transitions, 'Changes of state of a backend', (backend) =>
      backend.transitionLines(transitions),
    );
    this.late = metrics.counter(
      'signalbox_probe_late_results_total',
      'Results that came after their probe was cancelled',
    );
    this.short = metrics.counter(
      'signalbox_probe_no_verdict_total',
      'Probes that tell nothing about their backend because the prober itself was short of something, by cause',
      ['cause'],
    );
    this.slip = metrics.histogram(
      'signalbox_probe_slip_seconds',
      'How much later than planned a probe started',
      [],
      SLIP_BUCKETS,
    );
  }

  probed(backend: string, type: string, { ok, code, durationMs }: ProbeResult): void {
    this.of(backend).probed(type, ok, code, durationMs / 1000);
  }

  moved(backend: string, from: string, to: string): void {
    this.of(backend).moved(from, to);
  }

  /** A result of a cancelled probe was dropped. */
  dropped(): void {
    this.late.inc();
  }

  /** A probe gave no verdict. */
  undecided(cause: string): void {
    this.short.inc({ cause });
  }

  slipped(seconds: number): void {
    this.slip.observe(seconds);
  }

  /** Removes the series of a backend that is gone. */
  forget(backend: string): void {
    this.backends.delete(backend);
  }

  private of(backend: string): BackendSeries {
    let series = this.backends.get(backend);
    if (!series) this.backends.set(backend, (series = new BackendSeries(backend)));
    return series;
  }

  private *each(linesOf: (backend: BackendSeries) => Iterable<string>): Generator<string> {
    for (const backend of this.backends.values()) yield* linesOf(backend);
  }
}
