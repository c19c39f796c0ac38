import { BOUNDS } from '@signalbox/contracts';

/** The clock of somebody who pushes to us, by what he signed. */
export interface SenderClock {
  readonly sender: string;
  /** Against ours, milliseconds: more than 0 = it is ahead. */
  readonly skewMs: number;
}

interface Heard {
  readonly signedMs: number;
  readonly skewMs: number;
}

/**
 * Clocks of those who push to a group and hold its secret. A signature whose time is not accepted tells of a clock that is
 * off, or is an old request that somebody sends again: it counts only when nothing newer was signed by that sender. O12.
 */
export class SenderClocks {
  private readonly heard = new Map<string, Heard>();

  get size(): number {
    return this.heard.size;
  }

  /** `accepted`: the time is within the window. */
  note(sender: string, signedMs: number, nowMs: number, accepted: boolean): void {
    const before = this.heard.get(sender);
    if (!accepted && before && before.signedMs >= signedMs) return;
    this.heard.delete(sender);
    this.heard.set(sender, { signedMs, skewMs: signedMs - nowMs });
    if (this.heard.size > BOUNDS.senderClocks)
      for (const [oldest] of this.heard) return void this.heard.delete(oldest);
  }

  /** By name. */
  all(): SenderClock[] {
    return [...this.heard]
      .map(([sender, { skewMs }]) => ({ sender, skewMs }))
      .sort((a, b) => (a.sender < b.sender ? -1 : 1));
  }
}
