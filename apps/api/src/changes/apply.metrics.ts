import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalbox/runtime';
import type { Counter, Gauge } from 'prom-client';
import { OperatorResources } from '../operator-resources.js';

/** Which revision is in force, and how the last change of resources went (reference maglev section 10). */
@Injectable()
export class ApplyMetrics {
  private readonly changes: Counter;
  private readonly lastSucceeded: Gauge;

  constructor(resources: OperatorResources, metrics: Metrics) {
    const revision = metrics.gauge('signalbox_config_revision', 'Newest revision of the operator resources');
    Object.assign(revision, { collect: () => revision.set(resources.revision) });
    this.changes = metrics.counter(
      'signalbox_config_changes_total',
      'Applies and deletions by their result',
      ['result'],
    );
    this.lastSucceeded = metrics.gauge(
      'signalbox_config_last_change_success',
      '1 when the last apply or deletion was stored, 0 when it was refused',
    );
  }

  /** Runs a change and counts how it ended. */
  async count<T>(change: () => Promise<T>): Promise<T> {
    try {
      const result = await change();
      this.ended(true);
      return result;
    } catch (error) {
      this.ended(false);
      throw error;
    }
  }

  private ended(ok: boolean): void {
    this.changes.inc({ result: ok ? 'success' : 'failure' });
    this.lastSucceeded.set(ok ? 1 : 0);
  }
}
