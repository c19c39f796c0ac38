import { DueHeap } from '@signalbox/contracts';
import { JITTER } from './interval.js';

/** Fewer backends than this are never guarded. spec/health "Global-failure guard". */
export const GUARDED_BACKENDS = 10;

/** Time a transition to down is held, and how long ago a failure still counts, both one interval of the backend. */
interface Failing {
  readonly intervalMs: number;
  /** When its transition to down is due although the guard holds; absent = not held. */
  heldUntilMs?: number;
}

/**
 * The global-failure guard: when more than `percent` of at least 10 backends that are up fail at once, the fault may be
 * ours, so transitions to down are held for one more interval. Counted are backends that are up, those whose last
 * result failed, and those that went down within their last interval. Times in milliseconds of any one clock.
 */
export class FailureGuard {
  private readonly up = new Set<string>();
  private readonly failing = new Map<string, Failing>();
  /** Backends that went down, with the time until which they count. */
  private readonly fallen = new DueHeap();
  private raisedAtMs: number | undefined;

  constructor(private percent: number) {}

  /** Another bound; 100 switches the guard off. */
  setPercent(percent: number): void {
    this.percent = percent;
  }

  /** A result or a state change of a backend; `failed` only matters while it is up. */
  note(name: string, { isUp, failed, intervalMs }: Noted, nowMs: number): void {
    if (isUp) {
      this.up.add(name);
      this.fallen.delete(name);
      if (!failed) this.failing.delete(name);
      else if (!this.failing.has(name)) this.failing.set(name, { intervalMs });
    } else {
      if (this.up.delete(name) && failed) this.fallen.set(name, nowMs + intervalMs);
      this.failing.delete(name);
    }
    this.lower(nowMs);
  }

  /** Forgets a backend: paused, disabled, removed. */
  forget(name: string, nowMs: number): void {
    this.up.delete(name);
    this.failing.delete(name);
    this.fallen.delete(name);
    this.lower(nowMs);
  }

  /** Whether a backend that is up and failing may go down now. */
  mayGoDown(name: string, intervalMs: number, nowMs: number): boolean {
    const failing = this.failing.get(name) ?? { intervalMs };
    this.failing.set(name, failing);
    if (!this.isMassFailure(nowMs)) return true;
    this.raisedAtMs ??= nowMs;
    failing.heldUntilMs ??= nowMs + intervalMs * (1 - JITTER); // the next probe may come that early
    return nowMs >= failing.heldUntilMs;
  }

  /** Until when a backend is held, undefined when it is not. */
  heldUntil(name: string): number | undefined {
    return this.failing.get(name)?.heldUntilMs;
  }

  /** When the alarm was raised, undefined while there is none. */
  raisedAt(nowMs: number): number | undefined {
    this.lower(nowMs);
    return this.raisedAtMs;
  }

  /** The alarm ends when failures are few again. */
  private lower(nowMs: number): void {
    if (this.raisedAtMs !== undefined && !this.isMassFailure(nowMs)) this.raisedAtMs = undefined;
  }

  private isMassFailure(nowMs: number): boolean {
    for (const name of this.fallen.dueBy(nowMs)) this.fallen.delete(name);
    const all = this.up.size + this.fallen.size;
    const failed = this.failing.size + this.fallen.size;
    return all >= GUARDED_BACKENDS && failed * 100 > this.percent * all;
  }
}

/** What the guard is told about a backend. */
export interface Noted {
  readonly isUp: boolean;
  readonly failed: boolean;
  readonly intervalMs: number;
}
