import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { Matching } from './matching.js';

/** Tells which subscriptions cannot start anything. */
@MessageController()
export class AlarmsController {
  private readonly read: () => Alarm[];

  constructor(matching: Matching, alarms: Alarms) {
    this.read = alarms.register('matcher', () => matching.alarms());
  }

  @OnRequest(SUBJECTS.ask('matcher', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }
}
