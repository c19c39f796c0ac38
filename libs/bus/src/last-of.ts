import { DeliverPolicy, nanos, nuid } from 'nats';
import type { Bus } from './bus.js';

/** How long a consumer is kept that nobody dropped. Milliseconds. */
const FORGOTTEN_MS = 5000;

/** The end of a stream, as one look at it saw it. */
export interface EndOf {
  /** Sequence of the last message under the filter; 0 when there is none. */
  readonly last: number;
  /** From where to read on: everything before it was seen by the look. */
  readonly next: number;
}

/**
 * The last message of a stream under a filter, which may have wildcards: a consumer that begins there says so.
 */
export async function lastOf(bus: Bus, stream: string, filter: string): Promise<EndOf> {
  const { name, delivered, num_pending } = await bus.manager.consumers.add(stream, {
    name: `${bus.name}-last-${nuid.next()}`,
    description: `${bus.name}: one look at the end`,
    deliver_policy: DeliverPolicy.Last,
    filter_subject: filter,
    inactive_threshold: nanos(FORGOTTEN_MS),
    mem_storage: true,
  });
  await bus.manager.consumers.delete(stream, name);
  const next = delivered.stream_seq + 1;
  return { last: num_pending > 0 ? next : 0, next };
}
