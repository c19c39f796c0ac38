import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, type CommandAnswer, readWeightRequest, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { BalancerService } from './balancer.service.js';

/** Questions and commands to `balancer` on core NATS. */
@MessageController()
export class BalancerController {
  constructor(
    private readonly balancer: BalancerService,
    alarms: Alarms,
  ) {
    alarms.register('balancer', () => balancer.alarms());
  }

  @OnRequest(SUBJECTS.command('balancer', 'weight'))
  async setWeight(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    return this.balancer.setWeight(readWeightRequest(data));
  }

  @OnRequest(SUBJECTS.ask('balancer', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.balancer.alarms() };
  }
}
