import { type Cause, DueHeap, type RunRecord } from '@signalbox/contracts';
import { endMs } from './live-part.js';

export type Withdrawal = Extract<RunRecord, { type: 'withdrawn' }>;
export type Cancellation = Extract<RunRecord, { type: 'withdraw-cancelled' }>;

/** A withdrawal and where it stands. */
export interface PlacedWithdrawal {
  readonly withdrawal: Withdrawal;
  readonly cause: Cause;
}

/** Withdrawals that are not due yet. One that is cancelled before for all of its lineages never happens. */
export class PendingWithdrawals {
  private readonly pending = new Map<string, PlacedWithdrawal>();
  private readonly due = new DueHeap();

  add(withdrawal: Withdrawal, cause: Cause): void {
    const key = keyOf(cause);
    this.pending.set(key, { withdrawal, cause });
    this.due.set(key, endMs(withdrawal.dueAt));
  }

  /** Takes lineages of the owner out (all when none are named) of what is pending. */
  cancel({ owner, lineages }: Cancellation): void {
    for (const [key, { withdrawal, cause }] of [...this.pending]) {
      if (withdrawal.owner !== owner) continue;
      const left = lineages && withdrawal.lineages?.filter((lineage) => !lineages.includes(lineage));
      // a withdrawal of everything is cancelled as a whole only
      if (lineages && !left) continue;
      if (left && left.length > 0)
        this.pending.set(key, { withdrawal: { ...withdrawal, lineages: left }, cause });
      else this.remove(key);
    }
  }

  /** Takes those out that are due, the earliest first. */
  takeDue(nowMs: number): PlacedWithdrawal[] {
    return this.due.dueBy(nowMs).map((key) => {
      const placed = this.pending.get(key)!;
      this.remove(key);
      return placed;
    });
  }

  /** When the next one is due. Milliseconds since 1970. */
  get nextMs(): number | undefined {
    return this.due.nextMs;
  }

  /** Sequence of the message with the first one that is pending. */
  get firstSeq(): number | undefined {
    const seqs = Array.from(this.pending.values(), ({ cause }) => cause.seq);
    return seqs.length === 0 ? undefined : Math.min(...seqs);
  }

  private remove(key: string): void {
    this.pending.delete(key);
    this.due.delete(key);
  }
}

function keyOf({ seq, index = 0 }: Cause): string {
  return `${seq} ${index}`;
}
