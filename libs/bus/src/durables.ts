import { AckPolicy, type Consumer, type ConsumerConfig, DeliverPolicy, nanos } from 'nats';
import type { Bus } from './bus.js';

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
  /** Whose it is and what for, in one line: for people who list consumers. */
  readonly description: string;
  /** Messages handled at the same time; also the server's `max_ack_pending`. */
  readonly concurrency: number;
  /** Milliseconds until an unacked message comes back; long work keeps it with progress beats. */
  readonly ackWaitMs: number;
  /** First sequence a new durable gets; default: everything. */
  readonly fromSeq?: number;
}

/** Creates the durable or brings its changeable settings up to date. */
export async function ensureDurable(bus: Bus, options: DurableOptions): Promise<Consumer> {
  const { stream, durable, filter, description, concurrency, ackWaitMs, fromSeq } = options;
  const changeable = {
    description,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: concurrency,
    filter_subject: filter,
  };
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
    found.config.description !== description ||
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
