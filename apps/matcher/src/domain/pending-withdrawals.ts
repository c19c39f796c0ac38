import { DueHeap, type RunFact } from '@signalbox/contracts';
import type { PendingKey } from './pending-ledger.js';

/** What a lineage led to ends at `dueMs` (milliseconds since 1970), unless it is cancelled before. */
export interface PendingWithdrawal extends PendingKey {
  readonly dueMs: number;
  readonly reason: string;
  /** The fact that ends it; absent when a changed rule does. */
  readonly by?: Pick<RunFact, 'id' | 'seq'>;
}

/** What to write so that the table says what is pending now. */
export interface WithdrawalChanges {
  readonly put: readonly PendingWithdrawal[];
  readonly gone: readonly PendingKey[];
}

/**
 * Withdrawals whose grace goes on, at most one of a lineage: the first stays, so that many retractions neither postpone nor hasten
 * it. Changes that were taken and could not be written are taken again.
 */
export class PendingWithdrawals {
  /** Told of every change. */
  onChange: () => void = () => undefined;
  private readonly pending = new Map<string, PendingWithdrawal>();
  private readonly due = new DueHeap();
  private touched = new Map<string, PendingKey>();
  private taken = new Map<string, PendingKey>();

  /** `rows`: what the table has. */
  constructor(rows: readonly PendingWithdrawal[]) {
    for (const row of rows) this.set(row);
  }

  all(): Iterable<PendingWithdrawal> {
    return this.pending.values();
  }

  get size(): number {
    return this.pending.size;
  }

  /** When the first one is due, undefined when there is none. */
  get nextMs(): number | undefined {
    return this.due.nextMs;
  }

  /** Those that a fact brought about, the first that is due first. Looks at all of them. */
  ofFact(subscription: string, group: string, id: string): PendingWithdrawal[] {
    return [...this.pending.values()]
      .filter((one) => one.subscription === subscription && one.group === group && one.by?.id === id)
      .sort((a, b) => a.dueMs - b.dueMs);
  }

  add(withdrawal: PendingWithdrawal): void {
    if (this.pending.has(textOf(withdrawal))) return;
    this.set(withdrawal);
    this.touch(withdrawal);
  }

  cancel(key: PendingKey): void {
    if (this.pending.has(textOf(key))) this.remove(key);
  }

  /** Everything of a subscription. */
  cancelAll(subscription: string): void {
    for (const one of [...this.pending.values()]) if (one.subscription === subscription) this.remove(one);
  }

  /** Takes out what is due, the earliest first. */
  takeDue(nowMs: number): PendingWithdrawal[] {
    const due = this.due.dueBy(nowMs).map((key) => this.pending.get(key)!);
    for (const one of due) this.remove(one);
    return due;
  }

  /** Changes since the last ones that were written. */
  take(): WithdrawalChanges {
    for (const [text, key] of this.touched) this.taken.set(text, key);
    this.touched = new Map();
    const put = [...this.taken.keys()].flatMap((text) => this.pending.get(text) ?? []);
    const gone = [...this.taken].filter(([text]) => !this.pending.has(text)).map(([, key]) => key);
    return { put, gone };
  }

  /** The changes that were taken last are written. */
  confirm(): void {
    this.taken = new Map();
  }

  private set(withdrawal: PendingWithdrawal): void {
    this.pending.set(textOf(withdrawal), withdrawal);
    this.due.set(textOf(withdrawal), withdrawal.dueMs);
  }

  private remove(key: PendingKey): void {
    this.pending.delete(textOf(key));
    this.due.delete(textOf(key));
    this.touch(key);
  }

  private touch({ subscription, group, lineage }: PendingKey): void {
    const key = { subscription, group, lineage };
    this.touched.set(textOf(key), key);
    this.onChange();
  }
}

function textOf({ subscription, group, lineage }: PendingKey): string {
  return `${subscription}\0${group}\0${lineage}`;
}
