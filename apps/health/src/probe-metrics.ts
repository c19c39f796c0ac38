import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import type { Counter, Histogram } from 'prom-client';
import type { ProbeResult } from './probes/probe.js';

/** Buckets of a probe's duration, seconds. Reference maglev section 10. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const SLIP_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5];

interface Series {
  readonly metric: Counter | Histogram;
  readonly labels: Record<string, string>;
}

/**
 * Metrics of probes and transitions; labels stand in alphabetical order (reference section 10). The series of a backend
 * go when it goes, so that backends which come and go do not add up.
 */
@Injectable()
export class ProbeMetrics {
  private readonly probes: Counter;
  private readonly seconds: Histogram;
  private readonly transitions: Counter;
  private readonly late: Counter;
  private readonly slip: Histogram;
  private readonly series = new Map<string, Map<string, Series>>();

  constructor(metrics: Metrics) {
    this.probes = metrics.counter('maglev_probe_total', 'Probes by their result', [
      'backend',
      'code',
      'result',
      'type',
    ]);
    this.seconds = metrics.histogram(
      'maglev_probe_duration_seconds',
      'Duration of a probe',
      ['backend', 'type'],
      DURATION_BUCKETS,
    );
    this.transitions = metrics.counter('maglev_backend_transitions_total', 'Changes of state of a backend', [
      'backend',
      'from',
      'to',
    ]);
    this.late = metrics.counter(
      'signalbox_probe_late_results_total',
      'Results that came after their probe was cancelled',
    );
    this.slip = metrics.histogram(
      'signalbox_probe_slip_seconds',
      'How much later than planned a probe started',
      [],
      SLIP_BUCKETS,
    );
  }

  probed(backend: string, type: string, { ok, code, durationMs }: ProbeResult): void {
    const result = ok ? 'success' : 'failure';
    this.probes.inc(this.labels(backend, this.probes, `p ${code} ${type}`, { backend, code, result, type }));
    const labels = this.labels(backend, this.seconds, `d ${type}`, { backend, type });
    this.seconds.observe(labels, durationMs / 1000);
  }

  moved(backend: string, from: string, to: string): void {
    this.transitions.inc(this.labels(backend, this.transitions, `t ${from} ${to}`, { backend, from, to }));
  }

  /** A result of a cancelled probe was dropped. */
  dropped(): void {
    this.late.inc();
  }

  slipped(seconds: number): void {
    this.slip.observe(seconds);
  }

  /** Removes the series of a backend that is gone. */
  forget(backend: string): void {
    for (const { metric, labels } of this.series.get(backend)?.values() ?? []) metric.remove(labels);
    this.series.delete(backend);
  }

  private labels(
    backend: string,
    metric: Counter | Histogram,
    key: string,
    labels: Record<string, string>,
  ): Record<string, string> {
    let own = this.series.get(backend);
    if (!own) this.series.set(backend, (own = new Map()));
    const known = own.get(key);
    if (known) return known.labels;
    own.set(key, { metric, labels });
    return labels;
  }
}
