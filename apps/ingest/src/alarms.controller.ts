import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { listenerAlarms } from './domain/listener-alarms.js';
import { Receivers } from './receiver/receivers.js';

/** Tells what is wrong with the ways in. */
@MessageController()
export class AlarmsController {
  private readonly read: () => Alarm[];

  constructor(receivers: Receivers, alarms: Alarms) {
    this.read = alarms.register('ingest', () => listenerAlarms(receivers.conditions()));
  }

  @OnRequest(SUBJECTS.ask('ingest', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }
}
