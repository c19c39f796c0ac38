import { CodedError } from '../errors.js';
import { ATTRIBUTE_HEADER, type CloudEvent, isAttributeName } from './attributes.js';

/** What a header may hold as it stands; all else is percent-encoded. HTTP protocol binding 1.0, 3.1.3.2. */
const ENCODED = /[^\x21\x23\x24\x26-\x7e]/gu;

/** Headers of a message, in any letter case. */
export type MessageHeaders = Iterable<readonly [name: string, value: string]>;

/** The attributes of a CloudEvent in binary mode, as headers of HTTP and NATS. The data is the body. */
export function toBinaryHeaders({ attributes }: CloudEvent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) =>
      name === 'datacontenttype' ? ['content-type', value] : [ATTRIBUTE_HEADER + name, encoded(value)],
    ),
  );
}

/**
 * Reads {@link toBinaryHeaders} of anyone; undefined when no header is one of a CloudEvent. Throws `bad-grammar` for text that is
 * not percent-encoded, and for an attribute that comes twice or is none.
 */
export function fromBinaryHeaders(headers: MessageHeaders): Readonly<Record<string, string>> | undefined {
  const attributes: Record<string, string> = {};
  let type: string | undefined;
  for (const [header, value] of headers) {
    const name = header.toLowerCase();
    if (name === 'content-type') type = value;
    if (!name.startsWith(ATTRIBUTE_HEADER)) continue;
    const attribute = name.slice(ATTRIBUTE_HEADER.length);
    if (!isAttributeName(attribute))
      throw new CodedError('bad-grammar', `the header ${header} names no attribute: 1-20 of a-z and 0-9`);
    if (Object.hasOwn(attributes, attribute))
      throw new CodedError('bad-grammar', `the header ${header} comes twice: give it once`);
    attributes[attribute] = decoded(header, value);
  }
  if (Object.keys(attributes).length === 0) return undefined;
  return { ...(type !== undefined && { datacontenttype: type }), ...attributes };
}

function encoded(value: string): string {
  return value.replace(ENCODED, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** As the binding has it: without quotes around it, percent codes once. */
function decoded(header: string, value: string): string {
  if (/[^\x20-\x7e]/.test(value))
    throw new CodedError('bad-grammar', `the header ${header} holds more than ASCII: percent-encode it`);
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replace(/\\(.)/gs, '$1');
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new CodedError(
      'bad-grammar',
      `the header ${header} has a % that is no percent code: write %25`,
      [],
      {
        cause,
      },
    );
  }
}
