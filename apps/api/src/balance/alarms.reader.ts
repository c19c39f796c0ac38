import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  ALARM_SERVICES,
  type AlarmService,
  CodedError,
  formatTime,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { StorageSampler } from '../storage/storage.sampler.js';

/** How long a service may take to tell its alarms. Milliseconds. */
const ASK_MS = 1000;

/** What is wrong now, as the services see it. */
@Injectable()
export class AlarmsReader {
  /** Services that did not answer when they were asked last, with the time since when. */
  private readonly silent = new Map<AlarmService, string>();

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly storage: StorageSampler,
  ) {}

  /** As {@link survey}. Throws `not-ready` when no service answers. */
  async list(): Promise<Alarm[]> {
    const alarms = await this.survey();
    if (this.silent.size < ALARM_SERVICES.length) return alarms;
    throw new CodedError(
      'not-ready',
      `none of ${ALARM_SERVICES.join(', ')} answers: see whether they run and are ready`,
    );
  }

  /** By kind, then name. A service that does not answer hides no other: it is an alarm itself. */
  async survey(): Promise<Alarm[]> {
    const answers = await Promise.all(
      ALARM_SERVICES.map(async (service) => (await this.alarmsOf(service)) ?? [this.silence(service)]),
    );
    const alarms = [...answers.flat(), ...this.storage.alarms()].sort(
      (a, b) => order(a.kind, b.kind) || order(a.name, b.name) || order(a.since, b.since),
    );
    return alarms.filter((alarm, at) => !saysTheSame(alarms[at - 1], alarm));
  }

  private async alarmsOf(service: AlarmService): Promise<readonly Alarm[] | undefined> {
    const alarms = await this.ask(service);
    if (alarms) this.silent.delete(service);
    return alarms;
  }

  private async ask(service: AlarmService): Promise<readonly Alarm[] | undefined> {
    try {
      const subject = SUBJECTS.ask(service, 'alarms');
      return (await this.bus.ask<{ alarms: Alarm[] }>(subject, {}, ASK_MS))?.alarms;
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }

  private silence(service: AlarmService): Alarm {
    const since = this.silent.get(service) ?? formatTime(this.clock.now());
    this.silent.set(service, since);
    const text = `${service} does not say what is wrong: see whether it runs and is ready`;
    return { kind: 'service-silent', name: service, reason: 'not-ready', since, text };
  }
}

/** What NATS does not store, several services may have noticed. */
function saysTheSame(before: Alarm | undefined, { kind, name }: Alarm): boolean {
  return kind === 'storage-refused' && before?.kind === kind && before.name === name;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
