import type { JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { DurableConsumer } from './durable-consumer.js';
import type { DurableOptions } from './durables.js';

/** Hands messages of a durable to `handle` one by one, which must not throw; they do not wait for each other. */
export class WorkConsumer extends DurableConsumer {
  constructor(
    bus: Bus,
    options: DurableOptions,
    private readonly handle: (message: JsMsg) => Promise<void>,
  ) {
    super(bus, options);
  }

  protected take(message: JsMsg): void {
    void this.handle(message).finally(() => this.done(message));
  }
}
