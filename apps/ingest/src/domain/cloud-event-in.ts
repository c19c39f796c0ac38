import {
  CLOUD_EVENT_BATCH_JSON,
  CLOUD_EVENT_JSON,
  CodedError,
  factOfCloudEvent,
  fromBinaryHeaders,
  fromStructured,
  type MessageHeaders,
  saysCloudEvent,
} from '@signalbox/contracts';

/** How the facts of a message are encoded. */
export type Encoding =
  /** Facts as they are. */
  | { readonly mode: 'plain' }
  /** A CloudEvent as JSON, or an array of them. */
  | { readonly mode: 'structured' | 'batch' }
  /** A CloudEvent whose attributes are headers. */
  | { readonly mode: 'binary'; readonly attributes: Readonly<Record<string, string>> };

/**
 * What the headers say of a message. Throws `unsupported-envelope` for CloudEvents in other formats than JSON, and `bad-grammar`
 * for headers that are no attributes.
 */
export function encodingOf(headers: MessageHeaders): Encoding {
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'content-type') continue;
    const type = (value.split(';')[0] ?? '').trim().toLowerCase();
    if (type === CLOUD_EVENT_JSON) return { mode: 'structured' };
    if (type === CLOUD_EVENT_BATCH_JSON) return { mode: 'batch' };
    if (type.startsWith('application/cloudevents'))
      throw new CodedError(
        'unsupported-envelope',
        `CloudEvents as ${type} are not read: send ${CLOUD_EVENT_JSON}`,
      );
  }
  const attributes = fromBinaryHeaders(headers);
  return attributes === undefined ? { mode: 'plain' } : { mode: 'binary', attributes };
}

/** The fact that one JSON value tells, for `normalizeFact`. Throws `bad-grammar` and `unsupported-envelope`. */
export function factFrom(encoding: Encoding, value: unknown): unknown {
  switch (encoding.mode) {
    case 'plain':
      return value;
    case 'binary':
      return factOfCloudEvent({ attributes: encoding.attributes, data: value });
    case 'structured':
    case 'batch':
      return factOfCloudEvent(fromStructured(value));
  }
}

/**
 * The fact of a NATS message: there a CloudEvent in structured mode needs no header, and many do not go into one message.
 * `bodyOf` reads the JSON of the message, if it has a body. Throws as {@link encodingOf} and {@link factFrom}.
 */
export function factOfMessage(headers: MessageHeaders, bodyOf: () => unknown, isEmpty: boolean): unknown {
  const encoding = encodingOf(headers);
  if (encoding.mode === 'batch')
    throw new CodedError('unsupported-envelope', 'a message holds one CloudEvent: send each by itself');
  if (encoding.mode === 'binary' && isEmpty) return factFrom(encoding, undefined);
  const body = bodyOf();
  return factFrom(
    encoding.mode === 'plain' && saysCloudEvent(body) ? { mode: 'structured' } : encoding,
    body,
  );
}
