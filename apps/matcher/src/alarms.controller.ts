import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { MatcherService } from './matcher.service.js';

/** Tells which subscriptions cannot start anything. */
@MessageController()
export class AlarmsController {
  constructor(
    private readonly matcher: MatcherService,
    alarms: Alarms,
  ) {
    alarms.register('matcher', () => matcher.alarms());
  }

  @OnRequest(SUBJECTS.ask('matcher', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.matcher.alarms() };
  }
}
