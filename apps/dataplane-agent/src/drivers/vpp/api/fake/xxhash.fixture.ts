const BITS = 64;
const PRIME_1 = 11400714785074694791n;
const PRIME_2 = 14029467366897019727n;
const PRIME_3 = 1609587929392839161n;
const PRIME_4 = 9650029242287828579n;
const PRIME_5 = 2870177450012600261n;
/** The seed that VPP hashes with: 2^64 by the golden ratio, the last bits as VPP has them. */
const SEED = 0x9e3779b97f4a7c13n;

/** `clib_xxhash` of VPP: XXH64 (https://xxhash.com) of eight bytes, which are one number. `vppinfra/xxhash.h`. */
export function xxhash(key: bigint): bigint {
  let hash = u64(SEED + PRIME_5 + 8n);
  hash ^= u64(rotated(u64(key * PRIME_2), 31) * PRIME_1);
  hash = u64(rotated(hash, 27) * PRIME_1 + PRIME_4);
  hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

function rotated(value: bigint, by: number): bigint {
  return u64(value << BigInt(by)) | (value >> BigInt(BITS - by));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(BITS, value);
}
