import { CodedError } from '@signalbox/contracts';
import { FIRST_SOURCES } from './sources.js';

/** How far a client has got in one source. */
export interface Place {
  /** Sequence of the last message of which it has got something. */
  readonly seq: number;
  /** How many events of that message it has got or did not want; absent: all of them. */
  readonly passed?: number;
}

/** How far a client has got, by name of the source. */
export type StreamPosition = ReadonlyMap<string, Place>;

/** Longest id that is looked at, characters: below what an HTTP server takes as headers. */
const ID_LENGTH = 8192;

const FIRST_ID = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/;
const PLACE = /^([a-z]+(?:\/[A-Za-z0-9_.-]+)?):(\d{1,15})(?:\+(\d{1,6}))?$/;

/** A place as it stands in an id. */
export function placeText(source: string, { seq, passed }: Place): string {
  return `${source}:${seq}${passed === undefined ? '' : `+${passed}`}`;
}

/** `id` of an event for clients of backends, frontends and nodes alone, as it was when there was nothing else. */
export function firstId(position: StreamPosition): string {
  return FIRST_SOURCES.map(({ name }) => position.get(name)?.seq ?? 0).join('.');
}

/** Position of a `Last-Event-ID`. Throws `validation-failed` on anything that no event had as its id. */
export function parseEventId(text: string): StreamPosition {
  const position = text.length > ID_LENGTH ? undefined : (firstPosition(text) ?? namedPosition(text));
  if (position) return position;
  throw new CodedError('validation-failed', 'Last-Event-ID is not the id of an event of this stream', [
    { pointer: '/last-event-id', message: 'must be the id of the last event that was received' },
  ]);
}

function firstPosition(text: string): StreamPosition | undefined {
  const [, ...seqs] = FIRST_ID.exec(text) ?? [];
  if (seqs.length === 0) return undefined;
  return new Map(FIRST_SOURCES.map(({ name }, index) => [name, { seq: Number(seqs[index]) }]));
}

function namedPosition(text: string): StreamPosition | undefined {
  const position = new Map<string, Place>();
  for (const one of text.split(',')) {
    const [, source = '', seq, passed] = PLACE.exec(one) ?? [];
    if (seq === undefined || position.has(source)) return undefined;
    position.set(source, { seq: Number(seq), ...(passed !== undefined && { passed: Number(passed) }) });
  }
  return position;
}

/** The last message that is behind a client as a whole. */
export function behindOf({ seq, passed }: Place): number {
  return passed === undefined ? seq : seq - 1;
}
