const MULTIPLIER_1 = 0xcc9e2d51;
const MULTIPLIER_2 = 0x1b873593;

/**
 * MurmurHash3 x86 32-bit (Austin Appleby, public domain) of an ASCII text: 0 to 2^32 - 1. Chosen since every language
 * has it, so that others can make our tables.
 */
export function murmur3(text: string, seed: number): number {
  let hash = seed;
  const blocks = text.length & ~3;
  for (let at = 0; at < blocks; at += 4) {
    hash ^= scrambled(
      text.charCodeAt(at) |
        (text.charCodeAt(at + 1) << 8) |
        (text.charCodeAt(at + 2) << 16) |
        (text.charCodeAt(at + 3) << 24),
    );
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = text.length - 1; at >= blocks; at -= 1) rest = (rest << 8) | text.charCodeAt(at);
  return finished(hash ^ scrambled(rest) ^ text.length);
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, MULTIPLIER_1);
  return Math.imul((mixed << 15) | (mixed >>> 17), MULTIPLIER_2);
}

function finished(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
