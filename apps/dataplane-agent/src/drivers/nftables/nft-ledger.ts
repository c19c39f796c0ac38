/** What one counter has counted. */
export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

const NOTHING: Count = { packets: 0, bytes: 0 };

/**
 * Totals of counters that start at 0 whenever they are read: reading them so is quick however large the maps of the table
 * are, and listing them is not. Reference load-balancing section 3.
 */
export class NftLedger {
  private readonly totals = new Map<string, Count>();
  /** Of counters that are gone too, by listener and kind. */
  private readonly sums = new Map<string, Count>();

  /** Takes the answer to `nft -j reset counters`. Throws a SyntaxError for anything else. */
  take(json: string): void {
    const { nftables } = JSON.parse(json) as { readonly nftables: readonly { readonly counter?: Named }[] };
    for (const { counter } of nftables) {
      if (!counter || counter.packets === 0) continue;
      add(this.totals, counter.name, counter);
      add(this.sums, sumKey(counter.name), counter);
    }
  }

  total(counter: string): Count {
    return this.totals.get(counter) ?? NOTHING;
  }

  /** Of all counters of one kind that a listener has and had; `counter`: the name of any of them, or how it begins. */
  sum(counter: string): Count {
    return this.sums.get(sumKey(counter)) ?? NOTHING;
  }

  /** Forgets what is not to be told any more; a listener that comes again counts from 0. */
  keepOnly(counters: ReadonlySet<string>): void {
    const listeners = new Set([...counters].map(listenerOf));
    for (const name of this.totals.keys()) if (!counters.has(name)) this.totals.delete(name);
    for (const name of this.sums.keys()) if (!listeners.has(listenerOf(name))) this.sums.delete(name);
  }
}

interface Named extends Count {
  readonly name: string;
}

function add(counts: Map<string, Count>, key: string, { packets, bytes }: Count): void {
  const before = counts.get(key) ?? NOTHING;
  counts.set(key, { packets: before.packets + packets, bytes: before.bytes + bytes });
}

/** Kind and listener. */
function sumKey(counter: string): string {
  return counter.split('_').slice(0, 2).join('_');
}

function listenerOf(counter: string): string | undefined {
  return counter.split('_')[1];
}
