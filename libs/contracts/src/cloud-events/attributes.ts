/** A CloudEvent 1.0 apart from its encoding: attributes in their text form, among them `specversion`, and data if it has some. */
export interface CloudEvent {
  readonly attributes: Readonly<Record<string, string>>;
  readonly data?: unknown;
}

/** Media types of CloudEvents over HTTP and NATS: one event in JSON, and many. */
export const CLOUD_EVENT_JSON = 'application/cloudevents+json';
export const CLOUD_EVENT_BATCH_JSON = 'application/cloudevents-batch+json';

/** What names of attributes begin with where they are headers. */
export const ATTRIBUTE_HEADER = 'ce-';

/** A name of an attribute, as CloudEvents 1.0 has them. */
const NAME = /^[a-z0-9]{1,20}$/;
/** Text that an attribute may be: no control characters, no half characters. */
const VALUE = /^[^\p{Cc}\p{Cs}]+$/u;
/** A reference to a source, without a blank in it. */
const REFERENCE = /^[^\p{Cc}\p{Cs}\p{Z}]+$/u;
/** Data that is a JSON text. */
const JSON_TYPE = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/;

/** Attributes that stand in a member of a fact, and in which. */
export const FACT_MEMBER_OF = {
  id: 'id',
  type: 'type',
  subject: 'subject',
  time: 'observedAt',
  dedupekey: 'dedupeKey',
  expiresat: 'expiresAt',
  sourcenode: 'sourceNode',
  factgroup: 'group',
  traceparent: 'traceparent',
  correlationid: 'correlationId',
  causationid: 'causationId',
} as const;

/** Attributes that no key of a payload stands for; `tracestate` means nothing without the hop it came over. */
const NEVER_A_KEY: readonly string[] = [...Object.keys(FACT_MEMBER_OF), 'specversion', 'tracestate'];

/** Keys of a payload that are attributes begin so: `cloudevents.<attribute>`. */
const KEY_PREFIX = 'cloudevents.';

/** Whether an attribute may be called so: 1-20 small letters and digits, and not `data`. */
export function isAttributeName(name: string): boolean {
  return NAME.test(name) && name !== 'data';
}

/** Whether an attribute may have this value. */
export function isAttributeText(text: string): boolean {
  return VALUE.test(text);
}

/** Whether data of this media type is JSON; parameters such as a charset do not matter. */
export function isJsonType(type: string): boolean {
  return JSON_TYPE.test((type.split(';')[0] ?? '').trim().toLowerCase());
}

/** The key of a payload that stands for an attribute without a member of its own. */
export function keyOfAttribute(name: string): string {
  return KEY_PREFIX + name;
}

/** The attribute that a member of a payload stands for; undefined when it is data. */
export function attributeOfKey(key: string, value: string): string | undefined {
  if (!key.startsWith(KEY_PREFIX)) return undefined;
  const name = key.slice(KEY_PREFIX.length);
  if (!isAttributeName(name) || NEVER_A_KEY.includes(name) || !isAttributeText(value)) return undefined;
  if (name === 'source') return REFERENCE.test(value) && !ofSite(value) ? name : undefined;
  if (name === 'datacontenttype') return value !== 'application/json' && isJsonType(value) ? name : undefined;
  return name;
}

/** `source` of the facts of a node of ours. */
export function sourceOfSite(sourceNode: string, group: string): string {
  return `signalbox://${sourceNode}/${group}`;
}

/** The node and group that a `source` names; undefined when it is somebody else's. */
export function ofSite(source: string): { readonly sourceNode: string; readonly group: string } | undefined {
  const [, sourceNode, group] = /^signalbox:\/\/([A-Za-z0-9_.-]+)\/([A-Za-z0-9_-]+)$/.exec(source) ?? [];
  return sourceNode === undefined || group === undefined ? undefined : { sourceNode, group };
}
