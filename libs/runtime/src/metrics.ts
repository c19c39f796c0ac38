import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type ManySeries, seriesText } from './series.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Gauges of the client library that are named as counters; the sums of `nodejs_active_{handles,requests,resources}`. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The event loop is asked so often how late it is. It wakes a process that has nothing to do. Milliseconds. */
const LATENESS_MS = 100;

/** Prometheus metrics of a process. A metric is made at its first use and shared by name. */
export class Metrics {
  readonly registry = new Registry();
  private readonly many: ManySeries[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LATENESS_MS });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return (
      this.find<Counter>(name) ??
      new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] })
    );
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return (
      this.find<Gauge>(name) ??
      new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] })
    );
  }

  /** Buckets in seconds, 1 ms to 30 s unless told otherwise. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    buckets: readonly number[] = SECONDS,
  ): Histogram {
    const options = { name, help, labelNames: [...labelNames], buckets: [...buckets] };
    return this.find<Histogram>(name) ?? new Histogram({ ...options, registers: [this.registry] });
  }

  /** A metric with thousands of series, which its owner keeps. */
  add(series: ManySeries): void {
    this.many.push(series);
  }

  /** Everything in the text format, in pieces. */
  async *text(): AsyncGenerator<string> {
    yield await this.registry.metrics();
    for (const series of this.many) yield* seriesText(series);
  }

  private find<T>(name: string): T | undefined {
    return this.registry.getSingleMetric(name) as T | undefined;
  }
}
