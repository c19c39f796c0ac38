import { CodedError } from './errors.js';
import { pointerToken } from './json-pointer.js';
import { parseStrictJson, RepeatedKeyError } from './strict-json.js';
import { utf8Text } from './utf8-text.js';

/**
 * The JSON in some bytes from outside: the one rule for every way in. Nothing is altered and nothing is guessed: text
 * that is not UTF-8 is `bad-text` with its offset; what is no JSON, and a key that one object holds twice, are
 * `bad-json` with the place. `what` names the thing in messages ("the body").
 */
export function outsideJson(bytes: Uint8Array, what: string): unknown {
  const text = utf8Text(bytes, what);
  try {
    return parseStrictJson(text);
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
