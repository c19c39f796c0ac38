import { utf8Text } from './utf8-text.js';

/**
 * A secret in the bytes of its file: what stands between surrounding ASCII white space (TAB, LF, VT, FF, CR, SPACE),
 * byte for byte. Empty when there is nothing else.
 *
 * Go's TrimSpace, which the reference uses (4.3), trims the same and, where the bytes happen to be UTF-8, further white
 * space such as U+0085 and U+00A0. Here those stay: a key is bytes, and what they would mean as text is no part of it.
 * So does a byte order mark, which Go keeps too.
 */
export function secretBytes(content: Uint8Array): Buffer {
  let [from, to] = [0, content.length];
  while (from < to && isAsciiSpace(content[from])) from += 1;
  while (to > from && isAsciiSpace(content[to - 1])) to -= 1;
  return Buffer.from(content.subarray(from, to));
}

/**
 * The same for a secret that has to be text, such as a password inside a URL. `what` names the file in errors.
 * Throws `bad-text` when the file is not UTF-8: replaced characters would make it another secret.
 */
export function secretText(content: Uint8Array, what: string): string {
  const text = utf8Text(content, what);
  return secretBytes(Buffer.from(text)).toString();
}

function isAsciiSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
