import { DeliverPolicy, nanos, nuid } from 'nats';
import type { Bus } from './bus.js';

/** How long a consumer is kept that nobody dropped. Milliseconds. */
const FORGOTTEN_MS = 5000;

/** The last sequence of a stream that arrived before a time, 0 when there is none: a consumer that begins there says so. */
export async function lastBefore(bus: Bus, stream: string, timeMs: number): Promise<number> {
  const { name, delivered } = await bus.manager.consumers.add(stream, {
    name: `${bus.name}-since-${nuid.next()}`,
    description: `${bus.name}: one look at a time`,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(timeMs).toISOString(),
    inactive_threshold: nanos(FORGOTTEN_MS),
    mem_storage: true,
  });
  await bus.manager.consumers.delete(stream, name);
  return delivered.stream_seq;
}
