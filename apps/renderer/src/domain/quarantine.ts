import { type Cause, formatTime, type PartRecord, type QuarantinedPart } from '@signalbox/contracts';
import { compareText } from './keyed-resource.js';
import type { LivePart } from './live-part.js';

/**
 * Which parts are held back, as recorded, beside what the merge says now. Records are owed where the two differ, so
 * deciding costs the differences only.
 */
export class Quarantine {
  private readonly recorded = new Map<LivePart, string>();
  /** What the merge says about parts whose record is owed: the reason, or undefined when they merge. */
  private readonly owed = new Map<LivePart, string | undefined>();

  isActive(live: LivePart): boolean {
    return !this.recorded.has(live);
  }

  /** Why a part is held back, as recorded; undefined when it is not. */
  reasonOf(live: LivePart): string | undefined {
    return this.recorded.get(live);
  }

  /** Takes over what a record says; `reason` undefined = active. */
  record(live: LivePart, reason: string | undefined, judged: string | undefined): void {
    if (reason === undefined) this.recorded.delete(live);
    else this.recorded.set(live, reason);
    this.compare(live, judged);
  }

  /** Takes over what the merge says; `judged` undefined = the part merges. */
  compare(live: LivePart, judged: string | undefined): void {
    if (this.recorded.get(live) === judged) this.owed.delete(live);
    else this.owed.set(live, judged);
  }

  forget(live: LivePart): void {
    this.recorded.delete(live);
    this.owed.delete(live);
  }

  /** Parts held back as recorded, in source order. */
  list(): QuarantinedPart[] {
    return Array.from(this.recorded, ([{ part }, reason]) => ({
      source: part.source,
      generation: part.generation,
      reason,
    })).sort((a, b) => compareText(a.source, b.source));
  }

  /**
   * Records owed, in acceptance order. A part whose reason became another one is quarantined again, so that the
   * reason people see is always the present one.
   */
  decide(cause: Cause, nowMs: number): PartRecord[] {
    return [...this.owed]
      .sort(([a], [b]) => a.order - b.order)
      .map(([live, judged]) => ({
        type: judged === undefined ? 'restored' : 'quarantined',
        source: live.part.source,
        generation: live.part.generation,
        owner: live.part.owner,
        at: formatTime(nowMs),
        cause,
        reason: judged ?? `the cause is gone: ${this.recorded.get(live) ?? ''}`,
      }));
  }
}
