import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import type { CodedError } from '@signalbox/contracts';
import { Metrics } from '@signalbox/runtime';

/** Heartbeats that were no use: who publishes them hears nothing of it, so the operator has to. */
@Injectable()
export class HeartbeatRefusals {
  private readonly count;

  constructor(
    private readonly bus: Bus,
    metrics: Metrics,
  ) {
    this.count = metrics.counter(
      'signalbox_heartbeats_refused_total',
      'Heartbeats that are malformed or of a backend that waits for none, by code of the error',
      ['code'],
    );
  }

  /** Counts it, and tells the first of each kind. */
  note(subject: string, error: CodedError): void {
    const { code, message: reason } = error;
    this.count.inc({ code });
    this.bus.repeats.tell(`heartbeat ${code}`, { code }, { subject, reason }, 'a heartbeat was refused');
  }
}
