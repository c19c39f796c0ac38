import { Injectable } from '@nestjs/common';
import { formatTime } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { AlarmsReader } from '../balance/alarms.reader.js';
import type { Area } from '../domain/doctor/check.js';
import { type DoctorReport, siteReport } from '../domain/doctor/report.js';
import { GroupFactsReader } from './group-facts.reader.js';
import { MachineryFacts } from './machinery-facts.js';
import { ServerFactsReader } from './server-facts.reader.js';

/** Longest that one thing is waited for: whoever asks how a site is wants to know that something hangs. Milliseconds. */
const LOOK_MS = 3000;

/** Looks at everything once and says how it is. Changes nothing. */
@Injectable()
export class DoctorReader {
  constructor(
    private readonly groups: GroupFactsReader,
    private readonly servers: ServerFactsReader,
    private readonly machinery: MachineryFacts,
    private readonly alarms: AlarmsReader,
    private readonly clock: Clock,
  ) {}

  /** What cannot be looked at is told as such; it never throws for a server that is away. */
  async report(areas: readonly Area[] | undefined, withPlan: boolean): Promise<DoctorReport> {
    const { servers, machinery } = this;
    const [nats, postgres, disks, groups, alarms, rest] = await Promise.all([
      inTime(servers.nats()),
      inTime(servers.postgres()),
      inTime(servers.disks()),
      inTime(this.groups.read()),
      inTime(this.alarms.survey()),
      machinery.read(inTime),
    ]);
    const clocks = [nats?.clock ?? { name: 'NATS' }, postgres?.clock ?? { name: 'Postgres' }];
    return siteReport(
      { ...rest, nats, postgres, clocks, disks: disks ?? [], groups, alarms: alarms ?? [] },
      {
        ...(areas && areas.length > 0 && { areas }),
        ...(withPlan && { planAt: formatTime(this.clock.now()) }),
      },
    );
  }
}

async function inTime<T>(looked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LOOK_MS);
  });
  return Promise.race([looked.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
