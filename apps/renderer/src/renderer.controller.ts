import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  type ConfigPlan,
  parseStrictJson,
  readConfigPlanQuestion,
  SUBJECTS,
  type TryPartAnswer,
  type TryPartRequest,
} from '@signalbox/contracts';
import { Rendering } from './rendering.js';

/** Questions to `renderer` on core NATS. */
@MessageController()
export class RendererController {
  constructor(private readonly rendering: Rendering) {}

  @OnRequest(SUBJECTS.ask('renderer', 'plan'))
  plan(@Payload() data: Uint8Array): ConfigPlan {
    return this.rendering.plan(readConfigPlanQuestion(data));
  }

  @OnRequest(SUBJECTS.ask('renderer', 'try-part'))
  tryPart(@Payload() data: Uint8Array): TryPartAnswer {
    return this.rendering.tryPart(parseStrictJson(Buffer.from(data).toString()) as TryPartRequest);
  }
}
