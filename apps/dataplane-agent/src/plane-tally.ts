import { seriesLine } from '@signalbox/runtime';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What an applier counts, from before there is anybody who scrapes it. */
export class PlaneTally {
  /** Changes made to the data plane. */
  writes = 0;
  /** How often it was found otherwise than it was applied. */
  drifts = 0;
  /** States that were offered after a later one. */
  stale = 0;
  /** From the decision to the end of its apply, of the last state. Seconds. */
  lagSeconds: number | undefined;
  private readonly counts = BUCKETS_SECONDS.map(() => 0);
  private sum = 0;
  private count = 0;

  /** An apply took so long. */
  applied(seconds: number): void {
    this.sum += seconds;
    this.count += 1;
    for (const [at, most] of BUCKETS_SECONDS.entries()) if (seconds <= most) this.counts[at]! += 1;
  }

  /** The durations as a histogram; `labels` as `labelText` gives them. */
  *durationLines(name: string, labels: string): Iterable<string> {
    for (const [at, most] of BUCKETS_SECONDS.entries())
      yield seriesLine(`${name}_bucket`, `le="${most}",${labels}`, this.counts[at]!);
    yield seriesLine(`${name}_bucket`, `le="+Inf",${labels}`, this.count);
    yield seriesLine(`${name}_sum`, labels, this.sum);
    yield seriesLine(`${name}_count`, labels, this.count);
  }
}
