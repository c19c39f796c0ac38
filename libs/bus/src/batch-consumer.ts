import type { JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { Gathering } from './gathering.js';
import type { MessagesInWork } from './messages-in-work.js';
import type { SupervisedReader } from './supervised-reader.js';
import { within } from './within.js';
import {
  type DurableConsumer,
  type DurableOptions,
  GIVEN_BACK_MS,
  inWorkOf,
  readDurable,
} from './work-consumer.js';

/**
 * Hands messages of a durable to `handle` in batches, in their order: a batch is what arrived together. Batches do not
 * wait for each other; at most `concurrency` messages are in work. `handle` settles every message (ack, nak, term) and
 * calls `done` for it, and must not throw. Beats as {@link WorkConsumer}.
 */
export class BatchConsumer implements DurableConsumer {
  private readonly inWork: MessagesInWork;
  private readonly reader: SupervisedReader;
  private readonly arrived = new Gathering<JsMsg>((batch) => this.hand(batch));
  private draining = false;

  constructor(
    bus: Bus,
    options: DurableOptions,
    private readonly handle: (batch: readonly JsMsg[], done: (message: JsMsg) => void) => void,
  ) {
    this.inWork = inWorkOf(options);
    this.reader = readDurable(bus, options, (message) => this.receive(message));
  }

  async drain(waitMs: number): Promise<void> {
    this.draining = true;
    const stopped = this.reader.stop();
    await within(waitMs, this.inWork.end());
    await stopped;
  }

  get ended(): Promise<void> {
    return this.reader.ended;
  }

  private receive(message: JsMsg): Promise<void> | void {
    if (this.draining) {
      message.nak(GIVEN_BACK_MS);
      return;
    }
    this.inWork.add(message);
    this.arrived.add(message);
    if (this.inWork.isFull) return this.inWork.room();
  }

  private hand(batch: readonly JsMsg[]): void {
    const done = (message: JsMsg): void => this.inWork.done(message);
    if (!this.draining) return this.handle(batch, done);
    for (const message of batch) {
      message.nak(GIVEN_BACK_MS);
      done(message);
    }
  }
}
