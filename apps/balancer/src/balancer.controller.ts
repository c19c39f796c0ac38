import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, type CommandAnswer, readWeightRequest, SUBJECTS } from '@signalbox/contracts';
import { Alarms, Clock } from '@signalbox/runtime';
import { frontendAlarms } from './domain/frontend-alarms.js';
import { FrontendBook } from './frontend-book.js';
import { Weighing } from './weighing.js';
import { WeightCommands } from './weight-commands.js';

/** Questions and commands to `balancer` on core NATS. */
@MessageController()
export class BalancerController {
  private readonly read: () => Alarm[];

  constructor(
    private readonly weights: WeightCommands,
    weighing: Weighing,
    frontends: FrontendBook,
    clock: Clock,
    alarms: Alarms,
  ) {
    this.read = alarms.register('balancer', () =>
      frontendAlarms(weighing.present, frontends.windows, clock.now()),
    );
  }

  @OnRequest(SUBJECTS.command('balancer', 'weight'))
  async setWeight(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    return this.weights.set(readWeightRequest(data));
  }

  @OnRequest(SUBJECTS.ask('balancer', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }
}
