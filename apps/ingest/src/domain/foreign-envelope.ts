import { CodedError, type MessageHeaders } from '@signalbox/contracts';

/** Envelopes of others in which facts are sent by mistake, by members that stand at their top. */
const ENVELOPES: readonly (readonly [name: string, ...members: readonly string[]])[] = [
  ['a CloudEvent (send it as application/cloudevents+json)', 'specversion'],
  ['an event of Amazon EventBridge', 'detail-type', 'detail'],
  ['a notification of Amazon SNS', 'TopicArn', 'Message'],
  ['an event of Azure Event Grid', 'eventType', 'eventTime', 'data'],
  ['a push of Google Pub/Sub', 'message', 'subscription'],
  ['a notification of Alertmanager', 'receiver', 'alerts'],
  ['a resource (apply it instead)', 'apiVersion', 'kind'],
];

/** Headers that JetStream obeys and a request is not stored by: they would have no effect. */
const STORE_HEADERS = /^nats-(?:rollup|ttl|expected-.*|msg-id|schedule.*|incr)$/i;

/** What INTAKE must not obey; a server that does not know such a header hands it to us. */
const QUEUE_HEADERS = /^nats-(?:rollup|ttl|schedule.*|incr)$/i;

/**
 * Refuses a body that is an envelope of others around a fact: taken as a fact it would lose its data. Throws
 * `unsupported-envelope`. To be asked before the grammar, which would only count the members that no fact has.
 */
export function refuseForeignBody(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const found = ENVELOPES.find(([, ...members]) => members.every((member) => Object.hasOwn(body, member)));
  if (!found) return;
  const [name, ...members] = found;
  throw unsupported(`the body is ${name} (${members.join(', ')})`);
}

/** Refuses headers of CloudEvents as other protocols have them, which would have no effect. Throws `unsupported-envelope`. */
export function refuseForeignHeaders(headers: MessageHeaders): void {
  for (const [name] of headers)
    if (/^cloudevents[-_:]/i.test(name))
      throw unsupported(`the header ${name} is one of CloudEvents over another protocol (here it is ce-…)`);
}

/**
 * Refuses headers that ask NATS for what does not happen to a fact: by `request` nothing is stored under them, and by
 * `pub` the server refuses most of them in silence. Throws `bad-grammar`.
 */
export function refuseStoreHeaders(headers: MessageHeaders, way: 'request' | 'pub'): void {
  const meaningless = way === 'request' ? STORE_HEADERS : QUEUE_HEADERS;
  for (const [name] of headers) {
    if (!meaningless.test(name)) continue;
    const instead = 'leave it out; `id` makes a repeat harmless, `expiresAt` ends the fact';
    throw new CodedError('bad-grammar', `the header ${name} has no effect on a fact: ${instead}`);
  }
}

function unsupported(what: string): CodedError {
  const wanted = '{id?, type, subject?, payload?, observedAt?, expiresAt?, dedupeKey?} itself, as JSON';
  return new CodedError('unsupported-envelope', `${what}, which is not supported: send the fact ${wanted}`);
}
