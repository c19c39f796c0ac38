import { BOUNDS } from '@signalbox/contracts';

/** Every bound of the probers, in one place. */
export const PROBE_LIMITS = {
  /** Characters of a detail. */
  detailLength: 200,
  /** Bytes of the heads of one response, interim (1xx) ones included. */
  headBytes: 16 * 1024,
  /** Bytes of a body that are looked at; what comes after them is not read. */
  bodyBytes: 64 * 1024,
  /** Bytes of the line before a chunk. */
  chunkLineBytes: 1024,
  /** Compiled expressions that are kept. */
  patterns: BOUNDS.bodyPatterns,
  /** Bytes of a gRPC health answer. */
  grpcBytes: 4 * 1024,
  /** Bytes of what `ping` prints that are kept. */
  pingOutputBytes: 8 * 1024,
  /** Bytes of the end of what a prober process says on stderr. */
  stderrTailBytes: 2 * 1024,
  /** Milliseconds until a prober process that ended is started again: the first time, and at most. */
  restartMs: 250,
  restartMaxMs: 5_000,
  /** Milliseconds beyond its deadline after which a probe is given up because its prober process hangs. */
  processGraceMs: 5_000,
  /** Milliseconds between the end of its stdin and the kill of a prober process. */
  closeGraceMs: 1_000,
} as const;
