import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { Alarm, AlarmService } from '@signalbox/contracts';
import { Metrics } from './metrics.js';
import { storageAlarms } from './storage-alarms.js';

/** An alarm and who raised it. */
export type RaisedAlarm = Alarm & { readonly service: AlarmService };

/**
 * What is wrong now with the services of this process. Each registers how to read its alarms; they are shown by
 * `ask.<service>.alarms`, `/readyz?verbose` and the metric `signalbox_alarms`.
 */
@Injectable()
export class Alarms {
  private readonly sources = new Map<AlarmService, () => readonly Alarm[]>();

  constructor(
    metrics: Metrics,
    private readonly bus: Bus,
  ) {
    const help =
      'What is wrong now and not silenced, by service and reason; `signalbox show alarms` says what';
    const gauge = metrics.gauge('signalbox_alarms', help, ['service', 'reason']);
    const collect = (): void => {
      gauge.reset();
      for (const { service, kind, reason = kind, silencedBy } of this.raised())
        if (silencedBy === undefined) gauge.inc({ service, reason });
    };
    Object.assign(gauge, { collect });
  }

  /**
   * `read` is called at every question and scrape: it reads what is in memory. Returns what reads all alarms of the service:
   * those of the whole process are the first one's.
   */
  register(service: AlarmService, read: () => readonly Alarm[]): () => Alarm[] {
    const isFirst = this.sources.size === 0;
    const all = (): Alarm[] => [
      ...read(),
      ...(isFirst ? storageAlarms(this.bus.publisher.refusals, Date.now()) : []),
    ];
    this.sources.set(service, all);
    return all;
  }

  /** Of all services of this process, by service. */
  raised(): RaisedAlarm[] {
    return [...this.sources]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([service, read]) => read().map((alarm) => ({ service, ...alarm })));
  }
}
