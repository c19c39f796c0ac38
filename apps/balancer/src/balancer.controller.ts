import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  type Alarm,
  CodedError,
  type CommandAnswer,
  SUBJECTS,
  type WeightRequest,
} from '@signalbox/contracts';
import { BalancerService } from './balancer.service.js';

/** Questions and commands to `balancer` on core NATS. */
@MessageController()
export class BalancerController {
  constructor(private readonly balancer: BalancerService) {}

  @OnRequest(SUBJECTS.command('balancer', 'weight'))
  async setWeight(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    return this.balancer.setWeight(readRequest(data));
  }

  @OnRequest(SUBJECTS.ask('balancer', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.balancer.alarms() };
  }
}

function readRequest(data: Uint8Array): WeightRequest {
  try {
    return JSON.parse(Buffer.from(data).toString()) as WeightRequest;
  } catch (cause) {
    throw new CodedError('bad-json', 'the request is not JSON', [], { cause });
  }
}
