import { CLOUD_EVENT_JSON, cloudEventOf, toStructured } from '@signalbox/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventItemDto } from './events.dto.js';

/** A fact as its reader accepts it: as a CloudEvent in structured mode where that is asked for, else as an item of ours. */
export function eventAsAsked(
  item: EventItemDto,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): EventItemDto | Record<string, unknown> {
  void reply.header('vary', 'Accept');
  if (!acceptsCloudEvent(headers.accept)) return item;
  void reply.type(`${CLOUD_EVENT_JSON}; charset=utf-8`);
  const { subject = '', payload = {} } = item;
  return toStructured(cloudEventOf({ ...item, subject, payload }));
}

function acceptsCloudEvent(accept = ''): boolean {
  return accept.split(',').some((one) => (one.split(';')[0] ?? '').trim().toLowerCase() === CLOUD_EVENT_JSON);
}
