/** Pause between two writes of the cache of counters. Milliseconds. */
export const CACHE_EVERY_MS = 1000;

/** Share of the first interval over which the first probes of many new backends are spread: one millisecond each. */
export const FIRST_PROBE_SPREAD_MS = 1;

/** Characters of a detail that are kept. */
export const DETAIL_LENGTH = 200;
