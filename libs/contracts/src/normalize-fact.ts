import { didYouMean } from './did-you-mean.js';
import { CodedError, type FieldError } from './errors.js';
import { type Fact, FACT_LIMITS, type FactDefaults } from './fact.js';
import { isFactType, isGroupName, isNodeName, PRINTABLE } from './fact-grammar.js';
import { pointerToken } from './json-pointer.js';
import { isStorable, STORABLE_TEXT } from './storable-text.js';
import { isWireTime, timestampNs, WIRE_TIME, ZERO_NS } from './timestamp.js';
import { readTraceparent } from './trace-context.js';
import { trimBlanks } from './trim-blanks.js';

const TRAVEL_FIELDS = ['traceparent', 'correlationId', 'causationId'] as const;

/** The members of a fact as it is sent. */
export const FACT_MEMBERS: readonly string[] = [
  'id',
  'group',
  'sourceNode',
  'type',
  'subject',
  'dedupeKey',
  'payload',
  'observedAt',
  'expiresAt',
  ...TRAVEL_FIELDS,
];

/** Most wrong fields that one refusal names, and most characters of one in its message. */
const MOST_ERRORS = 100;
const ERROR_LENGTH = 300;

/**
 * Normal form of a fact body from any way in. Unknown members are ignored for peers, as the reference does on receive;
 * a local way in refuses them (`unknownMembers`), because there they are misspelt.
 * Missing members come from `defaults`; a given member is never replaced.
 * Throws `bad-grammar` with one entry per wrong field (JSON Pointers into the body), `too-large` over 256 KiB
 * and `observed-in-future` when observedAt is more than 5 minutes after `nowMs`.
 */
export function normalizeFact(
  body: unknown,
  defaults: FactDefaults,
  nowMs: number,
  unknownMembers: 'ignored' | 'refused' = 'ignored',
): Fact {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new CodedError(
      'bad-grammar',
      'a fact is a JSON object with id, group, type, subject, payload, observedAt, expiresAt',
    );
  }
  const errors: FieldError[] = [];
  const input = body as Readonly<Record<string, unknown>>;
  if (unknownMembers === 'refused') errors.push(...unknownMemberErrors(Object.keys(input)));
  const text = (field: string): string => textOf(input, field, errors);
  const given = {
    id: text('id'),
    group: text('group'),
    sourceNode: text('sourceNode'),
    type: text('type'),
    subject: text('subject'),
    dedupeKey: text('dedupeKey'),
    observedAt: timeOf(text('observedAt')),
    expiresAt: timeOf(text('expiresAt')),
  };

  const id = given.id || (defaults.id ?? '');
  const group = given.group || (defaults.group ?? '');
  const type = given.type || (defaults.type ?? '');
  const sourceNode = given.sourceNode || (defaults.sourceNode ?? '');
  const observed = given.observedAt ?? timeAs(defaults.observedAt ?? '');
  const { subject, dedupeKey, expiresAt: expires } = given;
  const payload = payloadOf(ownMember(input, 'payload'), errors);

  check(
    errors,
    '/id',
    id !== '' && id.length <= FACT_LIMITS.idLength && PRINTABLE.test(id),
    'is required: 1-200 printable characters',
  );
  check(
    errors,
    '/group',
    isGroupName(group),
    'is required: at most 63 letters, digits, "_" and "-", such as "default"',
  );
  check(
    errors,
    '/type',
    isFactType(type),
    'is required: dot-separated tokens of letters, digits, "_" and "-" (at most 16 tokens, 200 characters)',
  );
  check(
    errors,
    '/sourceNode',
    sourceNode === '' || isNodeName(sourceNode),
    'must be a DNS name, such as edge-1 or edge_1.example.net',
  );
  check(
    errors,
    '/subject',
    subject === '' || (subject.length <= FACT_LIMITS.subjectLength && PRINTABLE.test(subject)),
    'must be at most 512 printable characters',
  );
  check(
    errors,
    '/dedupeKey',
    dedupeKey === '' || (dedupeKey.length <= FACT_LIMITS.subjectLength && PRINTABLE.test(dedupeKey)),
    'must be at most 512 printable characters',
  );
  check(errors, '/observedAt', isWire(observed), WIRE_TIME);
  check(errors, '/expiresAt', expires === undefined || isWire(expires), WIRE_TIME);
  const travel = travelOf(input, defaults.traceparent, errors);
  if (errors.length > 0) {
    const told = errors.slice(0, 3).map(({ pointer, message }) => shortened(`${pointer} ${message}`));
    const more = errors.length > told.length ? `; and ${errors.length - told.length} more` : '';
    const message = `the fact is not valid: ${told.join('; ')}${more}`;
    throw new CodedError('bad-grammar', message, errors.slice(0, MOST_ERRORS));
  }
  if (observed.ns! > BigInt(nowMs + FACT_LIMITS.aheadMs) * 1_000_000n) {
    throw new CodedError(
      'observed-in-future',
      `observedAt ${observed.text} is more than 5 minutes ahead of our clock: check the clocks of both sides`,
    );
  }
  const fact: Fact = {
    id,
    group,
    sourceNode,
    type,
    subject,
    dedupeKey: dedupeKey || id,
    payload,
    observedAt: observed.text,
    ...(expires !== undefined && { expiresAt: expires.text }),
    ...travel,
  };
  const bytes = bytesAtMost(fact) > FACT_LIMITS.bytes ? Buffer.byteLength(JSON.stringify(fact)) : 0;
  if (bytes > FACT_LIMITS.bytes)
    throw new CodedError(
      'too-large',
      `the fact has ${bytes} bytes; at most ${FACT_LIMITS.bytes} are allowed`,
    );
  return fact;
}

/** A time as it came, with what {@link timestampNs} says of it. */
interface GivenTime {
  readonly text: string;
  readonly ns: bigint | undefined;
}

function timeAs(text: string): GivenTime {
  return { text, ns: timestampNs(text) };
}

function timeOf(text: string): GivenTime | undefined {
  if (text === '') return undefined;
  const time = timeAs(text);
  return time.ns === ZERO_NS ? undefined : time;
}

function isWire({ text, ns }: GivenTime): boolean {
  return isWireTime(text, ns);
}

function ownMember(input: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(input, name) ? input[name] : undefined;
}

function textOf(input: Readonly<Record<string, unknown>>, field: string, errors: FieldError[]): string {
  const value = ownMember(input, field);
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return trimBlanks(value);
  errors.push({ pointer: `/${field}`, message: 'must be a string' });
  return '';
}

function travelOf(
  input: Readonly<Record<string, unknown>>,
  traceparent: string | undefined,
  errors: FieldError[],
): Partial<Record<(typeof TRAVEL_FIELDS)[number], string>> | undefined {
  let travel: Partial<Record<(typeof TRAVEL_FIELDS)[number], string>> | undefined;
  for (const field of TRAVEL_FIELDS) {
    const value = textOf(input, field, errors) || (field === 'traceparent' ? headerOf(traceparent) : '');
    if (value === '') continue;
    (travel ??= {})[field] = value;
    const isRight = value.length <= FACT_LIMITS.subjectLength && PRINTABLE.test(value);
    check(errors, `/${field}`, isRight, 'must be at most 512 printable characters');
  }
  return travel;
}

/** Who sends a header may have meant somebody else: one that names no trace is as none. */
function headerOf(traceparent: string | undefined): string {
  return readTraceparent(traceparent) ? traceparent! : '';
}

/** Most bytes that one code unit of a text takes in JSON: as \uXXXX. */
const UNIT_BYTES = 6;
/** Most bytes of what JSON puts around a member. */
const MEMBER_BYTES = 6;
/** More than what JSON needs for the names and the quotes of all other members of a fact. */
const FRAME_BYTES = 400;

/** An upper bound of the bytes of a fact as JSON; most facts are so small that nothing has to be counted. */
function bytesAtMost(fact: Fact): number {
  const { id, group, sourceNode, type, subject, dedupeKey, observedAt, expiresAt = '', payload } = fact;
  const { traceparent = '', correlationId = '', causationId = '' } = fact;
  let units = id.length + group.length + sourceNode.length + type.length + subject.length + dedupeKey.length;
  units += observedAt.length + expiresAt.length;
  units += traceparent.length + correlationId.length + causationId.length;
  const keys = Object.keys(payload);
  for (const key of keys) units += key.length + payload[key]!.length;
  return units * UNIT_BYTES + keys.length * MEMBER_BYTES + FRAME_BYTES;
}

function unknownMemberErrors(names: readonly string[]): FieldError[] {
  const unknown = names.filter((name) => !FACT_MEMBERS.includes(name));
  return unknown.slice(0, MOST_ERRORS).map((name) => {
    const meant = didYouMean(name, FACT_MEMBERS);
    const help = meant === undefined ? `a fact has ${FACT_MEMBERS.join(', ')}` : `did you mean ${meant}?`;
    return { pointer: `/${pointerToken(name)}`, message: `is no member of a fact: ${help}` };
  });
}

function shortened(text: string): string {
  return text.length > ERROR_LENGTH ? `${text.slice(0, ERROR_LENGTH)}…` : text;
}

function check(errors: FieldError[], pointer: string, ok: boolean, message: string): void {
  if (!ok && !errors.some((error) => error.pointer === pointer)) errors.push({ pointer, message });
}

function payloadOf(value: unknown, errors: FieldError[]): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    errors.push({ pointer: '/payload', message: 'must be an object whose values are strings' });
    return {};
  }
  const entries = Object.entries(value);
  const known = errors.length;
  if (entries.length > FACT_LIMITS.payloadKeys)
    errors.push({ pointer: '/payload', message: 'has more than 64 keys' });
  for (const [key, member] of entries) {
    if (trimBlanks(key) === '') errors.push({ pointer: '/payload', message: 'has a blank key' });
    else if (typeof member !== 'string')
      errors.push({ pointer: `/payload/${pointerToken(key)}`, message: 'must be a string' });
    else if (!isStorable(key) || !isStorable(member))
      errors.push({ pointer: `/payload/${pointerToken(key)}`, message: STORABLE_TEXT });
  }
  return errors.length > known ? {} : { ...(value as Readonly<Record<string, string>>) };
}
