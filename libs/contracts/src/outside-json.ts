import { CodedError } from './errors.js';
import { pointerToken } from './json-pointer.js';
import { type MeasuredJson, parseMeasuredJson, RepeatedKeyError } from './strict-json.js';
import { utf8Text } from './utf8-text.js';

/** How deep objects and lists may lie inside each other, as in YAML, and how many members all objects may have together. */
export const JSON_LIMITS = { depth: 64, members: 250_000 } as const;

/**
 * The JSON in some bytes from outside: the one rule for every way in. Nothing is altered and nothing is guessed: text
 * that is not UTF-8 is `bad-text` with its offset; what is no JSON, and a key that one object holds twice, are
 * `bad-json` with the place; what lies deeper or has more members than {@link JSON_LIMITS} is `too-complex`. `what` names the
 * thing in messages ("the body").
 */
export function outsideJson(bytes: Uint8Array, what: string): unknown {
  const { value, depth, members } = parsed(utf8Text(bytes, what), what);
  if (depth > JSON_LIMITS.depth)
    throw new CodedError(
      'too-complex',
      `in ${what} objects and lists lie ${depth} deep inside each other; at most ${JSON_LIMITS.depth} are allowed`,
    );
  if (members > JSON_LIMITS.members)
    throw new CodedError(
      'too-complex',
      `${what} has ${members} members; at most ${JSON_LIMITS.members} are allowed`,
    );
  return value;
}

function parsed(text: string, what: string): MeasuredJson {
  try {
    return parseMeasuredJson(text);
  } catch (cause) {
    if (!(cause instanceof RepeatedKeyError)) {
      const reason = text.trim() === '' ? 'it is empty' : (cause as Error).message;
      throw new CodedError('bad-json', `${what} is not JSON: ${reason}`, [], { cause });
    }
    const { key, pointer } = cause.repeated;
    const message = `${what} says two things: ${cause.message}. Give it once`;
    const place = { pointer: `${pointer}/${pointerToken(key)}`, message: 'is given twice in one object' };
    throw new CodedError('bad-json', message, [place], { cause });
  }
}
