import { BOUNDS, type FactRecord } from '@signalbox/contracts';
import type { DeliveredFact } from './domain/delivery-decision.js';

/**
 * What a peer already has: the table's rows while the consumer is among the facts they speak of, then the most recent
 * deliveries only.
 */
export class DeliveredFacts {
  /** Of these older versions may still be in work. */
  private readonly recent = new Map<string, DeliveredFact>();

  /** `loaded` holds for records up to `upTo`. */
  constructor(
    private loaded: ReadonlyMap<string, DeliveredFact>,
    private readonly upTo: number,
  ) {}

  /** How many recent deliveries are remembered. */
  get size(): number {
    return this.recent.size;
  }

  find(id: string, seq: number): DeliveredFact | undefined {
    if (seq > this.upTo && this.loaded.size > 0) this.loaded = new Map();
    return this.recent.get(id) ?? this.loaded.get(id);
  }

  note({ fact, version }: FactRecord, seq: number): void {
    const known = this.recent.get(fact.id);
    if (known && known.seq > seq) return;
    this.recent.delete(fact.id);
    this.recent.set(fact.id, { version, seq });
    const [oldest] = this.recent.keys();
    if (this.recent.size > BOUNDS.recentDeliveries && oldest !== undefined) this.recent.delete(oldest);
  }
}
