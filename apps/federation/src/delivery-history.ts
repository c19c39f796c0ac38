import { Injectable } from '@nestjs/common';
import { CodedError, STREAMS } from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { deliveredVersions, deliveriesProjection, openAttempts } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { DeliveredFacts } from './delivered-facts.js';
import { DeliveryJournal } from './delivery-journal.js';
import { DELIVERY_LIMITS } from './limits.js';

/** What the `deliveries` table says about a peer. */
export interface PeerHistory {
  readonly delivered: DeliveredFacts;
  readonly attempts: Map<string, number>;
}

/** Reads what was delivered and tried before, for a consumer that starts. */
@Injectable()
export class DeliveryHistory {
  constructor(
    private readonly dataSource: DataSource,
    private readonly watermarks: Watermarks,
    private readonly journal: DeliveryJournal,
  ) {}

  /** Facts behind `after` and up to `upTo`. Waits until the table holds everything that this process has recorded. */
  async of(group: string, peer: string, after: number, upTo: number): Promise<PeerHistory> {
    await this.awaitTable();
    const [delivered, attempts] = await Promise.all([
      deliveredVersions(this.dataSource, group, peer, { after, upTo }),
      openAttempts(this.dataSource, group, peer),
    ]);
    return { delivered: new DeliveredFacts(delivered, upTo), attempts };
  }

  /** A peer that is another node than before starts without a past. */
  none(): PeerHistory {
    return { delivered: new DeliveredFacts(new Map(), 0), attempts: new Map() };
  }

  private async awaitTable(): Promise<void> {
    const { lastSeq } = this.journal;
    if (lastSeq === 0) return;
    const { name } = deliveriesProjection;
    const mark = await this.watermarks.waitFor(name, STREAMS.activity, lastSeq, DELIVERY_LIMITS.tableMs);
    if (!mark)
      throw new CodedError('store-unavailable', 'the table of deliveries lags behind: is Postgres there?');
  }
}
