import { Injectable } from '@nestjs/common';
import type { Alarm } from '@signalbox/contracts';
import { Alarms, Clock } from '@signalbox/runtime';
import { frontendAlarms } from './domain/frontend-alarms.js';
import { vipAlarms } from './domain/vip-alarms.js';
import { Discovery } from './discovery/discovery.js';
import { FrontendBook } from './frontend-book.js';
import { NodeReports } from './node-reports.js';
import { Weighing } from './weighing.js';

/** What is wrong now, as the balancer sees it: frontends that are down, nodes that do not agree, VIPs that are missing or not announced, and sources that fail. */
@Injectable()
export class BalancerAlarms {
  readonly read: () => Alarm[];

  constructor(
    weighing: Weighing,
    frontends: FrontendBook,
    reports: NodeReports,
    discovery: Discovery,
    clock: Clock,
    alarms: Alarms,
  ) {
    this.read = alarms.register('balancer', () => [
      ...frontendAlarms(weighing.present, frontends.windows, clock.now()),
      ...reports.alarms(clock.now()),
      ...vipAlarms(frontends.vips.waits),
      ...discovery.alarms(),
    ]);
  }
}
