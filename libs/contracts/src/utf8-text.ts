import { CodedError } from './errors.js';

/**
 * The text in some bytes from outside, unaltered: the one rule for every way in (spec/federation "Facts").
 * A UTF-8 byte order mark at the start is left out. `what` names the thing in the message ("the body", a file name).
 * Throws `bad-text` with the offset of the first byte that is not UTF-8; UTF-16 and UTF-32 are told as such.
 */
export function utf8Text(bytes: Uint8Array, what: string): string {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) {
    throw new CodedError('bad-text', `${what} is ${wide} text, not UTF-8: save it as UTF-8`);
  }
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    const offset = invalidOffset(bytes);
    const byte = bytes[offset]!.toString(16).padStart(2, '0');
    const message = `${what} is not valid UTF-8: byte 0x${byte} at offset ${offset}; send UTF-8, nothing is replaced`;
    throw new CodedError('bad-text', message, [], { cause });
  }
}

/** The same bytes always decode the same: a fatal decoder keeps no state between calls without `stream`. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Name of the UTF-16 or UTF-32 encoding that a byte order mark, or NULs between ASCII characters, give away. */
function wideEncoding([a, b, c, d]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32';
  const isAscii = (byte: number | undefined): boolean => byte !== undefined && byte > 0 && byte < 0x80;
  if ((isAscii(a) && b === 0 && isAscii(c) && d === 0) || (a === 0 && isAscii(b) && c === 0 && isAscii(d)))
    return 'UTF-16';
  return undefined;
}

/** Offset of the first byte of the first sequence that is not well-formed UTF-8 (Unicode 15, table 3-7). */
function invalidOffset(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return Math.max(0, bytes.length - 1);
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  for (let next = 1; next < length; next += 1) {
    const byte = bytes[at + next];
    const [low, high] = next === 1 ? secondByteRange(lead) : [0x80, 0xbf];
    if (byte === undefined || byte < low || byte > high) return 0;
  }
  return length;
}

/** Shut out overlong forms, surrogates and what lies past U+10FFFF. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}
