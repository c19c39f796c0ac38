import { seriesLine } from '@signalbox/runtime';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Durations of one kind, as a histogram. */
export class DurationTally {
  private readonly counts = BUCKETS_SECONDS.map(() => 0);
  private sum = 0;
  private count = 0;

  took(seconds: number): void {
    this.sum += seconds;
    this.count += 1;
    for (const [at, most] of BUCKETS_SECONDS.entries()) if (seconds <= most) this.counts[at]! += 1;
  }

  /** The series of the metric `name`; `labels` as `labelText` gives them. */
  *lines(name: string, labels: string): Iterable<string> {
    for (const [at, most] of BUCKETS_SECONDS.entries())
      yield seriesLine(`${name}_bucket`, `le="${most}",${labels}`, this.counts[at]!);
    yield seriesLine(`${name}_bucket`, `le="+Inf",${labels}`, this.count);
    yield seriesLine(`${name}_sum`, labels, this.sum);
    yield seriesLine(`${name}_count`, labels, this.count);
  }
}
