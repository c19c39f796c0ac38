/**
 * Communities that have a name, with the value of each: two numbers of 16 bits. RFC 1997, RFC 3765, RFC 7999, RFC 8326.
 */
export const WELL_KNOWN_COMMUNITIES = {
  'graceful-shutdown': '65535:0',
  blackhole: '65535:666',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'no-export-subconfed': '65535:65283',
  'no-peer': '65535:65284',
} as const;

/** Most numbers of a community, and the highest value of each, by how many numbers it has. RFC 1997, RFC 8092. */
const HIGHEST: Readonly<Record<number, number>> = { 2: 2 ** 16 - 1, 3: 2 ** 32 - 1 };

const NUMBERS = /^(?:0|[1-9]\d{0,9})(?::(?:0|[1-9]\d{0,9})){1,2}$/;

/**
 * The numbers of a community as it is declared: two of 16 bits, three of 32 bits for a large one. A name stands for two.
 * Undefined for any other text.
 */
export function communityNumbers(text: string): readonly number[] | undefined {
  const written = new Map<string, string>(Object.entries(WELL_KNOWN_COMMUNITIES)).get(text) ?? text;
  if (!NUMBERS.test(written)) return undefined;
  const numbers = written.split(':').map(Number);
  const highest = HIGHEST[numbers.length] ?? 0;
  return numbers.every((number) => number <= highest) ? numbers : undefined;
}
