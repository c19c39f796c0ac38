import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import type { Counter, Gauge, Histogram } from 'prom-client';

/** What became of a fact on its way to a peer. */
export type DeliveryStatus = 'delivered' | 'duplicate' | 'attempt-failed' | 'dead' | 'skipped';

/** The metrics of deliveries; labels are bounded by the declared groups and peers. */
@Injectable()
export class DeliveryMetrics {
  private readonly deliveries: Counter;
  private readonly seconds: Histogram;
  private readonly refused: Gauge;

  constructor(metrics: Metrics) {
    this.deliveries = metrics.counter('signalbox_deliveries_total', 'Fact records handled for a peer', [
      'group',
      'peer',
      'status',
    ]);
    this.seconds = metrics.histogram('signalbox_delivery_seconds', 'Duration of one push to a peer', [
      'group',
      'peer',
    ]);
    this.refused = metrics.gauge('signalbox_peer_refused', '1 while a peer refuses our requests', [
      'group',
      'peer',
    ]);
  }

  count(group: string, peer: string, status: DeliveryStatus): void {
    this.deliveries.inc({ group, peer, status });
  }

  time(group: string, peer: string, seconds: number): void {
    this.seconds.observe({ group, peer }, seconds);
  }

  setRefused(group: string, peer: string, isRefused: boolean): void {
    this.refused.set({ group, peer }, isRefused ? 1 : 0);
  }

  /** A gauge of a peer that is gone must not go on saying something. */
  forget(group: string, peer: string): void {
    this.refused.remove({ group, peer });
  }
}
