import { readScopedName, toldProject } from '@signalbox/contracts';
import { labelText, seriesLine } from '@signalbox/runtime';

/** Bounds of the buckets of a probe's duration, seconds. Reference maglev section 10. */
const BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const;
const BUCKET_LABELS = [...BUCKETS.map(String), '+Inf'].map((bound) => `,le="${bound}"`);

interface Counted {
  readonly labels: string;
  value: number;
}

/** Durations of the probes of one type. */
class Durations {
  /** Probes per bucket, not yet added up; the last one is for what is longer than all bounds. */
  private readonly counts = new Uint32Array(BUCKETS.length + 1);
  private sum = 0;

  constructor(private readonly labels: string) {}

  observe(seconds: number): void {
    const found = BUCKETS.findIndex((bound) => seconds <= bound);
    const bucket = found < 0 ? BUCKETS.length : found;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }

  *lines(name: string): Generator<string> {
    let total = 0;
    for (const [bucket, count] of this.counts.entries()) {
      total += count;
      yield seriesLine(`${name}_bucket`, this.labels + BUCKET_LABELS[bucket], total);
    }
    yield seriesLine(`${name}_sum`, this.labels, this.sum);
    yield seriesLine(`${name}_count`, this.labels, total);
  }
}

/** What is counted of one backend: its probes, their durations, its transitions. */
export class BackendSeries {
  private readonly probes = new Map<string, Counted>();
  private readonly transitions = new Map<string, Counted>();
  private readonly durations = new Map<string, Durations>();

  private readonly names: { readonly backend: string; readonly project?: string };

  /** `backend`: its scoped name. */
  constructor(backend: string) {
    this.names = { backend: readScopedName(backend).name, ...toldProject(backend) };
  }

  probed(type: string, ok: boolean, code: string, seconds: number): void {
    const { names } = this;
    const result = ok ? 'success' : 'failure';
    count(this.probes, `${type} ${code} ${result}`, { ...names, code, result, type });
    let durations = this.durations.get(type);
    if (!durations) this.durations.set(type, (durations = new Durations(labelText({ ...names, type }))));
    durations.observe(seconds);
  }

  moved(from: string, to: string): void {
    count(this.transitions, `${from} ${to}`, { ...this.names, from, to });
  }

  *probeLines(name: string): Generator<string> {
    for (const { labels, value } of this.probes.values()) yield seriesLine(name, labels, value);
  }

  *transitionLines(name: string): Generator<string> {
    for (const { labels, value } of this.transitions.values()) yield seriesLine(name, labels, value);
  }

  *durationLines(name: string): Generator<string> {
    for (const durations of this.durations.values()) yield* durations.lines(name);
  }
}

function count(counters: Map<string, Counted>, key: string, labels: Record<string, string>): void {
  const counted = counters.get(key);
  if (counted) counted.value += 1;
  else counters.set(key, { labels: labelText(labels), value: 1 });
}
