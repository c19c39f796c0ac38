/** What became of a signed request. `failed` = our fault, the same request may come again. */
export type RequestOutcome = 'stored' | 'refused' | 'failed';

interface Entry {
  readonly outcome: Promise<RequestOutcome>;
  readonly at: number;
}

/**
 * The signed requests a port has seen: (timestamp, signature) → what became of them. Holds at most `limit` of them
 * and none longer than `keepMs`; the oldest go first.
 */
export class ReplayCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.entries.size;
  }

  /** The earlier request with the same key, if there was one. */
  find(key: string): Promise<RequestOutcome> | undefined {
    return this.entries.get(key)?.outcome;
  }

  remember(key: string, outcome: Promise<RequestOutcome>, nowMs: number, keepMs: number): void {
    this.entries.set(key, { outcome, at: nowMs });
    for (const [oldest, { at }] of this.entries) {
      if (this.entries.size <= this.limit && at >= nowMs - keepMs) break;
      this.entries.delete(oldest);
    }
  }

  forget(key: string): void {
    this.entries.delete(key);
  }
}
