import { CodedError } from '../errors.js';
import { pointerToken } from '../json-pointer.js';
import { type CloudEvent, isAttributeName } from './attributes.js';

/** A CloudEvent in structured mode: one JSON object with attributes and `data`. JSON event format 1.0. */
export function toStructured({ attributes, data }: CloudEvent): Record<string, unknown> {
  return { ...attributes, ...(data !== undefined && { data }) };
}

/**
 * Reads {@link toStructured} of anyone. A member that is `null` is as good as absent; whole numbers and booleans become text.
 * Throws `bad-grammar`, and `unsupported-envelope` for `data_base64`.
 */
export function fromStructured(body: unknown): CloudEvent {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new CodedError(
      'bad-grammar',
      'a CloudEvent is a JSON object with specversion, id, source and type',
    );
  const attributes: Record<string, string> = {};
  const { data, data_base64: bytes, ...others } = body as Readonly<Record<string, unknown>>;
  if (bytes !== undefined && bytes !== null)
    throw new CodedError(
      'unsupported-envelope',
      'the CloudEvent has data_base64: a payload is text, send it as data',
    );
  for (const [name, value] of Object.entries(others)) {
    if (value === null) continue;
    const pointer = `/${pointerToken(name)}`;
    if (!isAttributeName(name)) throw wrong(pointer, 'is no name of an attribute: 1-20 of a-z and 0-9');
    if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value))
      throw wrong(pointer, 'must be text, a whole number or a boolean');
    attributes[name] = String(value);
  }
  return { attributes, ...(data !== undefined && { data }) };
}

/** Whether a JSON body says that it is a CloudEvent. */
export function saysCloudEvent(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'specversion');
}

function wrong(pointer: string, message: string): CodedError {
  return new CodedError('bad-grammar', `the CloudEvent is not valid: ${pointer} ${message}`, [
    { pointer, message },
  ]);
}
