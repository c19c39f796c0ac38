/**
 * Bounds of a plugin result beyond the byte limit of stdout. They keep a result, once accepted in form, small
 * enough to handle and possible to store: later stages fold it, compare it and write it to Postgres.
 */
export const RESULT_LIMITS = {
  /** Levels of lists and objects inside each other. */
  depth: 64,
  /** YAML: how often aliases may repeat a value, counted by the expanded size ("billion laughs"). */
  aliasCount: 100,
  /** Field errors that are kept; the message counts the rest. */
  errors: 32,
  /** Characters kept of a message or reason that the plugin wrote. */
  textLength: 1024,
  /** Milliseconds that observedAt may lie ahead of our clock. */
  aheadMs: 5 * 60_000,
} as const;
