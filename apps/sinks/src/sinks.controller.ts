import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  type Alarm,
  readSinkCommand,
  readSinkQuestion,
  type SinkCommandAnswer,
  type SinkRendering,
  SUBJECTS,
} from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { SinkCommands } from './sink-commands.js';

/** Questions and commands to `sinks` on core NATS. */
@MessageController()
export class SinksController {
  private readonly read: () => Alarm[];

  constructor(
    private readonly commands: SinkCommands,
    alarms: Alarms,
  ) {
    this.read = alarms.register('sinks', () => commands.alarms());
  }

  @OnRequest(SUBJECTS.ask('sinks', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }

  @OnRequest(SUBJECTS.ask('sinks', 'render'))
  render(@Payload() data: Uint8Array): SinkRendering {
    return this.commands.render(readSinkQuestion(data).sink);
  }

  @OnRequest(SUBJECTS.command('sinks', 'pause'))
  pause(@Payload() data: Uint8Array): Promise<SinkCommandAnswer> {
    return this.commands.order(readSinkCommand(data), true);
  }

  @OnRequest(SUBJECTS.command('sinks', 'resume'))
  resume(@Payload() data: Uint8Array): Promise<SinkCommandAnswer> {
    return this.commands.order(readSinkCommand(data), false);
  }
}
