/** Counters of one section or server, by their names; each only grows as long as the process lives. */
export type Counts = Readonly<Record<string, number>>;

/** What one process counted, by section or server. */
export type ProcessCounts = ReadonlyMap<string, Counts>;

/**
 * Totals over processes. A reload starts a process that counts from 0, and the one before goes on counting for the connections
 * that it has: the total is what processes counted last that are gone, and what the others count now.
 */
export class CounterLedger {
  private readonly gone = new Map<string, Counts>();
  private living = new Map<number, ProcessCounts>();

  /** Takes what all living processes count now; one that is missing is gone. */
  take(processes: ReadonlyMap<number, ProcessCounts>): void {
    for (const [pid, before] of this.living) {
      const now = processes.get(pid);
      for (const [key, counts] of before) if (isNewCount(counts, now?.get(key))) this.bury(key, counts);
    }
    this.living = new Map(processes);
  }

  /** Of one section or server; 0 for what was never counted. */
  total(key: string, name: string): number {
    let total = this.gone.get(key)?.[name] ?? 0;
    for (const counts of this.living.values()) total += counts.get(key)?.[name] ?? 0;
    return total;
  }

  /** Forgets what is not to be told any more, so that it stays as small as what is served. */
  keepOnly(isKept: (key: string) => boolean): void {
    for (const key of this.gone.keys()) if (!isKept(key)) this.gone.delete(key);
  }

  private bury(key: string, counts: Counts): void {
    const before = this.gone.get(key) ?? {};
    const sums = Object.entries(counts).map(([name, count]) => [name, count + (before[name] ?? 0)]);
    this.gone.set(key, Object.fromEntries(sums) as Counts);
  }
}

/** A server that was removed, and added again, counts from 0 in the same process. */
function isNewCount(before: Counts, now: Counts | undefined): boolean {
  return now === undefined || Object.entries(before).some(([name, count]) => (now[name] ?? 0) < count);
}
