import type { ListenerTimeouts } from '@signalbox/contracts';
import type { Carried } from './target.js';

/** Looks in the shortest time that a listener allows: what is ended late is so by two of them at most, an eighth of it. */
const LOOKS = 16;
/** Milliseconds between two looks, however short or long the times are. */
const TICK_MS = { least: 10, most: 1_000 } as const;

/**
 * Ends what a listener carries when nothing moved there for too long: by one timer that looks at all of it from time to time, and
 * rests while there is nothing. A timer for each socket takes a twentieth of the processor time of a short connection.
 */
export class IdleSweep {
  private timer?: NodeJS.Timeout;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(
    private readonly standing: ReadonlySet<Carried>,
    private readonly timeouts: () => ListenerTimeouts,
    private readonly now: () => number,
  ) {}

  /** There is something to look at. */
  begin(): void {
    if (this.timer) return;
    this.timer = setTimeout(() => this.look(), tickOf(this.timeouts()));
    this.timer.unref();
  }

  private look(): void {
    const nowMs = this.now();
    for (const carried of this.standing) carried.look(nowMs);
    this.timer = undefined;
    if (this.standing.size > 0) this.begin();
  }
}

/** How long nothing moved, as far as looks from time to time can tell. */
export class Stillness {
  private seen?: number;
  private sinceMs = 0;

  /** Milliseconds since a look found another count of what moved than the look before; 0 at the first one. */
  at(nowMs: number, moved: number): number {
    if (moved !== this.seen) [this.seen, this.sinceMs] = [moved, nowMs];
    return nowMs - this.sinceMs;
  }
}

/** Whether something took longer than it may; 0: it may take for ever. Milliseconds. */
export function isTooLong(tookMs: number, allowedMs: number): boolean {
  return allowedMs > 0 && tookMs >= allowedMs;
}

function tickOf({ connectMs, clientMs, targetMs }: ListenerTimeouts): number {
  const shortest = Math.min(...[connectMs, clientMs, targetMs].filter((allowed) => allowed > 0));
  return Math.min(TICK_MS.most, Math.max(TICK_MS.least, shortest / LOOKS));
}
