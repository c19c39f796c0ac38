import type { JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { type DurableOptions, ensureDurable } from './durables.js';
import { MessagesInWork } from './messages-in-work.js';
import { SupervisedReader } from './supervised-reader.js';
import { within } from './within.js';

/** Milliseconds until a message that a stopping consumer did not take comes to the next one. */
const GIVEN_BACK_MS = 500;

/**
 * Takes the messages of a durable, at most `concurrency` at once, with progress beats every third of `ackWaitMs` while one
 * is in work. Whoever handles a message settles it (ack, nak, term) and then says that it is done.
 */
export abstract class DurableConsumer {
  private readonly inWork: MessagesInWork;
  private readonly reader: SupervisedReader;
  private draining = false;

  constructor(bus: Bus, options: DurableOptions) {
    const { concurrency, ackWaitMs, durable } = options;
    this.inWork = new MessagesInWork(concurrency, ackWaitMs / 3);
    this.reader = new SupervisedReader(bus, {
      name: durable,
      open: () => ensureDurable(bus, options),
      onMessage: (message) => this.receive(message),
      maxMessages: Math.min(1000, Math.max(2, concurrency)),
    });
  }

  /** Stops taking messages, gives buffered ones back, and waits up to `waitMs` for those in work. */
  async drain(waitMs: number): Promise<void> {
    this.draining = true;
    const stopped = this.reader.stop();
    await within(waitMs, this.inWork.end());
    await stopped;
  }

  /** Resolves when nothing of this consumer can reach the server any more, also what it was just opening. */
  get ended(): Promise<void> {
    return this.reader.ended;
  }

  /** A message is in work from now on. */
  protected abstract take(message: JsMsg): void;

  protected get isDraining(): boolean {
    return this.draining;
  }

  protected done(message: JsMsg): void {
    this.inWork.done(message);
  }

  protected giveBack(message: JsMsg): void {
    message.nak(GIVEN_BACK_MS);
  }

  private receive(message: JsMsg): Promise<void> | void {
    if (this.draining) return this.giveBack(message);
    this.inWork.add(message);
    this.take(message);
    if (this.inWork.isFull) return this.inWork.room();
  }
}
