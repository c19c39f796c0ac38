import { CodedError } from '@signalbox/contracts';
import type { StreamKind } from './stream-event.js';

/** How far a client has got: sequence in ACTIVITY of the last record of each kind that it has seen or did not want. */
export type StreamPosition = Readonly<Record<StreamKind, number>>;

const EVENT_ID = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/;

/** `id` of the event after which a client is there. */
export function eventId({ backend, frontend, node }: StreamPosition): string {
  return `${backend}.${frontend}.${node}`;
}

/** Position of a `Last-Event-ID`. Throws `validation-failed` on anything that no event had as its id. */
export function parseEventId(text: string): StreamPosition {
  const [, backend, frontend, node] = EVENT_ID.exec(text) ?? [];
  if (backend !== undefined && frontend !== undefined && node !== undefined)
    return { backend: Number(backend), frontend: Number(frontend), node: Number(node) };
  throw new CodedError('validation-failed', 'Last-Event-ID is not the id of an event of this stream', [
    { pointer: '/last-event-id', message: 'must be the id of the last event that was received' },
  ]);
}
