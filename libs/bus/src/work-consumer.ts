import { AckPolicy, type Consumer, type ConsumerConfig, DeliverPolicy, type JsMsg, nanos } from 'nats';
import type { Bus } from './bus.js';
import { MessagesInWork } from './messages-in-work.js';
import { SupervisedReader } from './supervised-reader.js';
import { within } from './within.js';

/**
 * Milliseconds until work of a process that died is given to the next one. Work that goes on beats every third of it;
 * a message that comes again while its first delivery is in work must be recognised by its handler.
 */
export const ACK_WAIT_MS = 6000;

/** A durable pull consumer. One filter subject, so that nats-server 2.9 serves too. */
export interface DurableOptions {
  readonly stream: string;
  readonly durable: string;
  readonly filter: string;
  /** Messages handled at the same time; also the server's `max_ack_pending`. */
  readonly concurrency: number;
  /** Milliseconds until an unacked message comes back; long work keeps it with progress beats. */
  readonly ackWaitMs: number;
  /** First sequence a new durable gets; default: everything. */
  readonly fromSeq?: number;
}

/** Creates the durable or brings its changeable settings up to date. */
export async function ensureDurable(bus: Bus, options: DurableOptions): Promise<Consumer> {
  const { stream, durable, filter, concurrency, ackWaitMs, fromSeq } = options;
  const changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: concurrency, filter_subject: filter };
  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    max_deliver: -1,
    ...(fromSeq === undefined
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, fromSeq) }),
    ...changeable,
  };
  const found = await bus.manager.consumers.info(stream, durable).catch(() => undefined);
  if (!found) await bus.manager.consumers.add(stream, config);
  else if (
    found.config.max_ack_pending !== concurrency ||
    found.config.ack_wait !== changeable.ack_wait ||
    found.config.filter_subject !== filter
  ) {
    await bus.manager.consumers.update(stream, durable, changeable);
  }
  return bus.jetstream.consumers.get(stream, durable);
}

/** Deletes a durable; no error when it is gone already. */
export async function deleteDurable(bus: Bus, stream: string, durable: string): Promise<void> {
  await bus.manager.consumers.delete(stream, durable).catch(() => false);
}

/** What a binding does with a durable: reads it until it is told to stop. */
export interface DurableConsumer {
  /** Stops taking messages, gives buffered ones back, and waits up to `waitMs` for those in work. */
  drain(waitMs: number): Promise<void>;
  /** Resolves when nothing of this consumer can reach the server any more, also what it was just opening. */
  readonly ended: Promise<void>;
}

/** Milliseconds until a message that a stopping consumer did not take comes to the next one. */
export const GIVEN_BACK_MS = 500;

/** The reader of a durable; it asks for as many messages as may be in work. */
export function readDurable(
  bus: Bus,
  options: DurableOptions,
  onMessage: (message: JsMsg) => Promise<void> | void,
): SupervisedReader {
  return new SupervisedReader(bus, {
    name: options.durable,
    open: () => ensureDurable(bus, options),
    onMessage,
    maxMessages: Math.min(1000, Math.max(2, options.concurrency)),
  });
}

/** Beats of messages in work: each comes three times within the ack wait. */
export function inWorkOf({ concurrency, ackWaitMs }: DurableOptions): MessagesInWork {
  return new MessagesInWork(concurrency, ackWaitMs / 3);
}

/**
 * Hands messages of a durable to `handle` one by one, at most `concurrency` at once, with progress beats every third of
 * `ackWaitMs` while one is in work. `handle` settles the message itself (ack, nak, term) and must not throw.
 */
export class WorkConsumer implements DurableConsumer {
  private readonly inWork: MessagesInWork;
  private readonly reader: SupervisedReader;
  private draining = false;

  constructor(
    bus: Bus,
    options: DurableOptions,
    private readonly handle: (message: JsMsg) => Promise<void>,
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
    void this.handle(message).finally(() => this.inWork.done(message));
    if (this.inWork.isFull) return this.inWork.room();
  }
}
