import { Ctx, Payload } from '@nestjs/microservices';
import { MessageController, OnStream, StreamContext } from '@signalbox/bus';
import { decodeRunOrder } from '@signalbox/contracts';
import { RunExecutor } from './run-executor.js';

/** Name of the handler behind the consumers of `RUNS`, one per plugin. */
export const RUNS_HANDLER = 'runs';

/** Takes runs from `RUNS`. The message is acked when the run's `ended` record is durable. */
@MessageController()
export class RunsController {
  constructor(private readonly executor: RunExecutor) {}

  @OnStream(RUNS_HANDLER)
  async run(@Payload() data: Uint8Array, @Ctx() context: StreamContext): Promise<void> {
    const order = decodeRunOrder(data);
    await this.executor.execute(order, context.message.info.redeliveryCount > 1);
  }
}
