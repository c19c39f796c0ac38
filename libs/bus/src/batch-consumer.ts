import type { JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { DurableConsumer } from './durable-consumer.js';
import type { DurableOptions } from './durables.js';
import { Gathering } from './gathering.js';

/**
 * Hands messages of a durable to `handle` in batches, in their order: a batch is what arrived together. Batches do not
 * wait for each other. `handle` calls `done` for every message, and must not throw.
 */
export class BatchConsumer extends DurableConsumer {
  private readonly arrived = new Gathering<JsMsg>((batch) => this.hand(batch));

  constructor(
    bus: Bus,
    options: DurableOptions,
    private readonly handle: (batch: readonly JsMsg[], done: (message: JsMsg) => void) => void,
  ) {
    super(bus, options);
  }

  protected take(message: JsMsg): void {
    this.arrived.add(message);
  }

  private hand(batch: readonly JsMsg[]): void {
    if (!this.isDraining) return this.handle(batch, (message) => this.done(message));
    for (const message of batch) {
      this.giveBack(message);
      this.done(message);
    }
  }
}
