import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { listenerAlarms } from './domain/listener-alarms.js';
import { Receivers } from './receiver/receivers.js';

/** Tells what is wrong with the ways in. */
@MessageController()
export class AlarmsController {
  constructor(
    private readonly receivers: Receivers,
    alarms: Alarms,
  ) {
    alarms.register('ingest', () => this.read());
  }

  @OnRequest(SUBJECTS.ask('ingest', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }

  private read(): Alarm[] {
    return listenerAlarms(this.receivers.conditions());
  }
}
