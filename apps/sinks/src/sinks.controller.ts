import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';

/** Questions and commands to `sinks` on core NATS. */
@MessageController()
export class SinksController {
  private readonly read: () => Alarm[];

  constructor(alarms: Alarms) {
    this.read = alarms.register('sinks', () => []);
  }

  @OnRequest(SUBJECTS.ask('sinks', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }
}
