import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  formatTime,
  REFUSED_LIMITS,
  type RefusedLine,
  type RefusedRecord,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '../clock.js';
import { Metrics } from '../metrics.js';

/** So long refused attempts are counted before they are told. Milliseconds. */
export const REFUSED_EVERY_MS = 60_000;

/** How long a stop waits for NATS. Milliseconds. */
const LAST_MS = 500;

/** No table can hold it. */
const UNSTORABLE = /[\0\p{Cs}]/gu;

/** An attempt that was refused. */
export type RefusedAttempt = Omit<RefusedLine, 'count'>;

/**
 * Counts refused attempts by caller and reason and tells them once a minute as one record, so that nobody can fill what is kept by
 * trying: neither the memory nor the record grows with how many addresses try. ADR 0047.
 */
@Injectable()
export class RefusedAttempts implements OnApplicationShutdown {
  private lines = new Map<string, RefusedLine>();
  private beyond = 0;
  private sinceMs = 0;
  /** Told, and not known to be stored. */
  private unsure: RefusedRecord | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly total;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.total = metrics.counter(
      'signalbox_refused_attempts_total',
      'Requests that were refused for who asked, or how often',
      ['reason'],
    );
  }

  /** Counts one. `reason` is one of a few words of ours; the other texts may be whatever a client sent. */
  note(attempt: RefusedAttempt): void {
    this.total.inc({ reason: attempt.reason });
    if (this.lines.size === 0) this.sinceMs = this.clock.now();
    const line = bounded(attempt);
    const key = JSON.stringify([line.subject, line.address, line.reason]);
    const known = this.lines.get(key);
    if (known) this.lines.set(key, { ...known, count: known.count + 1 });
    else if (this.lines.size < REFUSED_LIMITS.lines) this.lines.set(key, { ...line, count: 1 });
    else this.beyond += 1;
    this.tellLater();
  }

  /** Tells what was counted. While NATS is away it goes on being counted. */
  async tell(timeoutMs?: number): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.unsure === undefined && this.lines.size === 0) return;
    this.unsure ??= this.take();
    const { id } = this.unsure;
    try {
      await this.bus.publisher.publishJson(SUBJECTS.refused, this.unsure, {
        msgId: `refused:${id}`,
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
      this.unsure = undefined;
    } catch (error) {
      if (!this.bus.outages.explain(error))
        this.bus.log.warn({ reason: String(error) }, 'refused attempts wait for NATS');
    }
    if (this.unsure !== undefined || this.lines.size > 0) this.tellLater();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.bus.isUp) await this.tell(LAST_MS);
    clearTimeout(this.timer);
  }

  private take(): RefusedRecord {
    const lines = [...this.lines.values()];
    const { beyond } = this;
    this.lines = new Map();
    this.beyond = 0;
    const [since, at] = [formatTime(this.sinceMs), formatTime(this.clock.now())];
    return { id: randomUUID(), since, at, lines, beyond };
  }

  private tellLater(): void {
    this.timer ??= setTimeout(() => void this.tell(), REFUSED_EVERY_MS).unref();
  }
}

function bounded({ subject, address, reason, route }: RefusedAttempt): RefusedAttempt {
  const cut = (text: string): string => text.slice(0, REFUSED_LIMITS.text).replace(UNSTORABLE, '\ufffd');
  return {
    ...(subject !== undefined && { subject: cut(subject) }),
    address: cut(address),
    reason: cut(reason),
    route: cut(route),
  };
}
