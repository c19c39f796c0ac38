import { DueHeap } from '@signalbox/contracts';

/** Longest wait of one timer. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** Milliseconds of a clock that only goes forward, whatever happens to the time of day. */
export function monotonicMs(): number {
  return performance.now();
}

/** Calls back when keys are due, by {@link monotonicMs}. One timer, whatever the number of keys. */
export class Timetable {
  private readonly heap = new DueHeap();
  private timer: NodeJS.Timeout | undefined;
  private wakeAtMs = Number.POSITIVE_INFINITY;
  private stopped = false;

  constructor(private readonly onDue: (key: string, dueMs: number) => void) {}

  /** Makes a key due once; setting it again moves it. */
  set(key: string, dueMs: number): void {
    this.heap.set(key, dueMs);
    if (dueMs < this.wakeAtMs) this.arm();
  }

  delete(key: string): void {
    this.heap.delete(key);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.heap.nextMs;
    this.wakeAtMs = next ?? Number.POSITIVE_INFINITY;
    if (next === undefined || this.stopped) return;
    const wait = Math.min(Math.max(0, Math.ceil(next - monotonicMs())), LONGEST_WAIT_MS);
    this.timer = setTimeout(() => this.fire(), wait);
  }

  private fire(): void {
    const due = this.heap.dueBy(monotonicMs()).map((key) => ({ key, dueMs: this.heap.dueAt(key)! }));
    for (const { key } of due) this.heap.delete(key);
    for (const { key, dueMs } of due) this.onDue(key, dueMs);
    this.arm();
  }
}
