/** Every time and count of the watch of a file, in one place. Milliseconds. */
export const FILE_LIMITS = {
  /** A file is read when nothing of it has changed for so long: nobody is writing it. */
  settleMs: 200,
  /** How often it is looked at without a sign: network file systems give none. */
  recheckMs: 10_000,
  /** Looks in a row that may find it changed before that is told: half a minute. */
  restlessLooks: 150,
} as const;
