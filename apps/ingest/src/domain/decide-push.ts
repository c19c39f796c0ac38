import {
  CodedError,
  type ErrorCode,
  ERRORS,
  FACT_LIMITS,
  isExpired,
  isZeroTime,
  outsideJson,
  pointerToken,
  trimBlanks,
} from '@signalbox/contracts';

/** Who receives: the group of the port, our own name in it, and whose facts it takes (empty = any signed origin). */
export interface PushRules {
  readonly group: string;
  readonly nodeName: string;
  readonly members: readonly string[];
}

/** A pushed body that looks like an event; the full grammar is the intake's business. */
export interface PushedEvent {
  readonly id: string;
  readonly sourceNode: string;
  readonly body: unknown;
}

/**
 * Why a push is not accepted. `text` is the body where the reference has a plain one (reference 4.4);
 * otherwise it is `{accepted: false, code, id, message}`. `reason` is its name in metrics.
 */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly id: string;
  readonly sourceNode: string;
  readonly text?: string;
}

export type PushDecision =
  | { readonly event: PushedEvent; readonly refusal?: undefined }
  | { readonly event?: undefined; readonly refusal: Refusal };

const STRING_FIELDS = [
  'id',
  'group',
  'sourceNode',
  'type',
  'subject',
  'dedupeKey',
  'observedAt',
  'expiresAt',
] as const;
const FOLDED_FIELDS = new Map([...STRING_FIELDS, 'payload'].map((field) => [folded(field), field]));

/**
 * What a port decides about a signed body without looking anything up, in this order: rows 6 and 7 of reference 4.4,
 * then group-mismatch (T25), a missing sourceNode, self-origin, not-a-member and expired (spec/federation).
 */
export function decidePush(data: Uint8Array, rules: PushRules, nowMs: number): PushDecision {
  const body = eventOf(data);
  if (body instanceof CodedError) return { refusal: codedRefusal(body, '', '') };
  if (!body) return { refusal: wireRefusal('bad-json', 'bad_body', 'bad event body') };
  const text = (field: (typeof STRING_FIELDS)[number]): string =>
    trimBlanks(String((Object.hasOwn(body, field) ? body[field] : undefined) ?? ''));
  const id = text('id').slice(0, FACT_LIMITS.idLength);
  const sourceNode = text('sourceNode').slice(0, FACT_LIMITS.nodeLength);
  const missing = (['id', 'group', 'type'] as const).find((field) => text(field) === '');
  if (missing !== undefined) {
    return {
      refusal: {
        ...wireRefusal('bad-grammar', 'validation', `invalid event: ${missing} is required`),
        id,
        sourceNode,
      },
    };
  }
  const error = ruleBroken(text('group'), text('sourceNode'), text('expiresAt'), rules, nowMs);
  return error ? { refusal: codedRefusal(error, id, sourceNode) } : { event: { id, sourceNode, body } };
}

/** A refusal that the reference does not have: the status of its code and our JSON body. */
export function codedRefusal(error: CodedError, id: string, sourceNode: string): Refusal {
  const { status, code, message } = error;
  return { status, reason: code, code, message, id, sourceNode };
}

/** A refusal that the reference has: the status of its code and the reference's text. */
export function wireRefusal(code: ErrorCode, reason: string, text: string): Refusal {
  return { status: ERRORS[code].status, reason, code, message: text, id: '', sourceNode: '', text };
}

function ruleBroken(
  group: string,
  sourceNode: string,
  expiresAt: string,
  rules: PushRules,
  nowMs: number,
): CodedError | undefined {
  if (group !== rules.group) {
    return new CodedError(
      'group-mismatch',
      `this port receives group ${rules.group}, the fact names ${group}`,
    );
  }
  if (sourceNode === '')
    return new CodedError('bad-grammar', 'the fact is not valid: /sourceNode is required');
  if (sourceNode === rules.nodeName) {
    return new CodedError('self-origin', `${sourceNode} is our own name: a peer cannot send facts for us`);
  }
  if (rules.members.length > 0 && !rules.members.includes(sourceNode)) {
    return new CodedError('not-a-member', `${sourceNode} is not a member of group ${rules.group}`);
  }
  if (expiresAt !== '' && !isZeroTime(expiresAt) && isExpired({ expiresAt }, nowMs)) {
    return new CodedError('expired', `the fact expired at ${expiresAt}`);
  }
  return undefined;
}

/**
 * The object that a Go receiver would decode; undefined where it would say "bad event body"; an error where it would
 * read something else than its writer or we do.
 */
function eventOf(data: Uint8Array): Readonly<Record<string, unknown>> | CodedError | undefined {
  let value: unknown;
  try {
    value = outsideJson(data, 'the pushed body');
  } catch (error) {
    const isNoJson = error instanceof CodedError && error.code === 'bad-json' && error.errors.length === 0;
    return error instanceof CodedError && !isNoJson ? error : undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const event = value as Record<string, unknown>;
  const isText = (member: unknown): boolean =>
    member === undefined || member === null || typeof member === 'string';
  const isEvent = STRING_FIELDS.every((field) => isText(event[field])) && isPayload(event['payload']);
  return isEvent ? (otherCase(event) ?? event) : undefined;
}

/** Go reads a member in whatever letter case, so that it would take this one for the field it resembles. */
function otherCase(event: object): CodedError | undefined {
  for (const name of Object.keys(event)) {
    const meant = FOLDED_FIELDS.get(folded(name));
    if (meant === undefined || meant === name) continue;
    const message = `a Go peer takes the member ${JSON.stringify(name)} for ${meant}: write ${meant}`;
    return new CodedError('bad-grammar', message, [
      { pointer: `/${pointerToken(name)}`, message: `write ${meant}` },
    ]);
  }
  return undefined;
}

/** As Go folds letter case: also the long s and the Kelvin sign. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function isPayload(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every((member) => typeof member === 'string');
}
