import { Ctx, Payload } from '@nestjs/microservices';
import { Bus, MessageController, OnStream, StreamContext } from '@signalbox/bus';
import { decodeRunRecord, orderOfPlanned, SUBJECTS } from '@signalbox/contracts';

/** Name of the handler behind the `matcher-dispatch` consumer. */
export const DISPATCH_HANDLER = 'dispatch';

/** Reactor: every `planned` record becomes one message of `RUNS`. */
@MessageController()
export class DispatchController {
  constructor(private readonly bus: Bus) {}

  @OnStream(DISPATCH_HANDLER)
  async dispatch(@Payload() data: Uint8Array, @Ctx() context: StreamContext): Promise<void> {
    const record = decodeRunRecord(data);
    if (record.type !== 'planned') return;
    const { stream, streamSequence } = context.message.info;
    await this.bus.publisher.publishJson(
      SUBJECTS.run(record.plugin, record.subscription),
      orderOfPlanned(record),
      {
        msgId: `dispatch:${stream}:${streamSequence}`,
      },
    );
  }
}
