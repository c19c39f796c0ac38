import { CodedError } from '@signalbox/contracts';

/** Envelopes of others in which facts are sent by mistake, by members that stand at their top. */
const ENVELOPES: readonly (readonly [name: string, ...members: readonly string[]])[] = [
  ['a CloudEvent', 'specversion'],
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

/** Names and first values of the headers of a message or a request. */
export type Headers = Iterable<readonly [name: string, value: string]>;

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

/** Refuses a fact whose headers make it a CloudEvent. Throws `unsupported-envelope`. */
export function refuseForeignHeaders(headers: Headers): void {
  for (const [name, value] of headers) {
    const isForeign =
      /^(?:ce-|cloudevents[-_:])/i.test(name) ||
      (/^content-type$/i.test(name) && /^\s*application\/cloudevents/i.test(value));
    if (isForeign) throw unsupported(`the header ${name} makes it a CloudEvent`);
  }
}

/**
 * Refuses headers that ask NATS for what does not happen to a fact: by `request` nothing is stored under them, and by
 * `pub` the server refuses most of them in silence. Throws `bad-grammar`.
 */
export function refuseStoreHeaders(headers: Headers, way: 'request' | 'pub'): void {
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
