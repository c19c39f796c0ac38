import { CodedError, type FieldError } from '../errors.js';
import { pointerToken } from '../json-pointer.js';
import {
  attributeOfKey,
  type CloudEvent,
  FACT_MEMBER_OF,
  isAttributeText,
  isJsonType,
  keyOfAttribute,
  ofSite,
} from './attributes.js';

/** Most wrong attributes that one refusal names. */
const MOST_ERRORS = 100;

const REQUIRED = ['id', 'source', 'type'] as const;

/** Attributes that say how the event is encoded, and are no part of a fact. */
const OF_ENCODING: readonly string[] = ['specversion', 'tracestate'];

/**
 * The fact that a CloudEvent tells, as its publisher would have sent it (to be given to `normalizeFact`): each attribute in its
 * member, `data` as the payload, and every attribute without a member as the payload's key `cloudevents.<attribute>`, so that
 * nothing gets lost. Throws `unsupported-envelope` (another version, data that is not JSON) and `bad-grammar`.
 */
export function factOfCloudEvent({ attributes, data }: CloudEvent): Record<string, unknown> {
  const errors: FieldError[] = [];
  checkAttributes(attributes, errors);
  const { source = '' } = attributes;
  const site = ofSite(source);
  if (site && (attributes['sourcenode'] !== undefined || attributes['factgroup'] !== undefined))
    errors.push({
      pointer: '/source',
      message: 'names the node and the group already: leave the others out',
    });
  const fact: Record<string, unknown> = { ...site };
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (isMember(name)) fact[FACT_MEMBER_OF[name]] = value;
    else if (!(OF_ENCODING.includes(name) || (name === 'source' && site) || isPlainJson(name, value)))
      kept[keyOfAttribute(name)] = value;
  }
  const payload = payloadOf(data, errors);
  if (errors.length > 0) {
    const told = errors.slice(0, 3).map(({ pointer, message }) => `${pointer} ${message}`);
    throw new CodedError(
      'bad-grammar',
      `the CloudEvent is not valid: ${told.join('; ')}`,
      errors.slice(0, MOST_ERRORS),
    );
  }
  return { ...fact, payload: { ...payload, ...kept } };
}

function checkAttributes(attributes: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const { specversion, datacontenttype } = attributes;
  if (specversion !== '1.0') {
    const version = specversion === undefined ? 'without specversion' : `of specversion ${specversion}`;
    throw new CodedError('unsupported-envelope', `a CloudEvent ${version}: send specversion 1.0`);
  }
  if (datacontenttype !== undefined && !isJsonType(datacontenttype))
    throw new CodedError(
      'unsupported-envelope',
      `the data of the CloudEvent is ${datacontenttype}: a payload is made of application/json only`,
    );
  for (const name of REQUIRED)
    if (attributes[name] === undefined)
      errors.push({ pointer: `/${name}`, message: 'is required in a CloudEvent' });
  for (const [name, value] of Object.entries(attributes))
    if (!isAttributeText(value))
      errors.push({ pointer: `/${name}`, message: 'must be text without control characters' });
}

function isMember(name: string): name is keyof typeof FACT_MEMBER_OF {
  return Object.hasOwn(FACT_MEMBER_OF, name);
}

/** What is said of every payload is not kept beside it. */
function isPlainJson(name: string, value: string): boolean {
  return name === 'datacontenttype' && /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(value);
}

/** That values are strings is for the grammar of facts to say. */
function payloadOf(data: unknown, errors: FieldError[]): Record<string, unknown> {
  if (data === undefined || data === null) return {};
  if (typeof data !== 'object' || Array.isArray(data)) {
    errors.push({ pointer: '/data', message: 'must be an object whose values are strings' });
    return {};
  }
  for (const [key, value] of Object.entries(data)) {
    const name = typeof value === 'string' ? attributeOfKey(key, value) : undefined;
    if (name !== undefined)
      errors.push({
        pointer: `/data/${pointerToken(key)}`,
        message: `stands for an attribute: give it as ${name}`,
      });
  }
  return { ...data };
}
