import { BOUNDS } from '@signalbox/contracts';

const MIB = 1024 * 1024;

/** Bounds of a receiver. Milliseconds unless said otherwise. */
export const RECEIVER_LIMITS = {
  /** Connections of one port; further ones are closed at once. */
  connections: 256,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 75_000,
  /** How often slow requests are looked for. */
  checkMs: 5000,
  /** An oversize body is read and thrown away up to here, so that its sender gets to see the 413. Bytes. */
  discardBytes: 8 * MIB,
  /** Signatures that a port remembers; beyond, the oldest are forgotten and only the id tells a duplicate. */
  rememberedSignatures: BOUNDS.signatures,
  /** A port that cannot be opened is tried again after this, doubling. */
  firstRetryMs: 500,
  lastRetryMs: 30_000,
  /** How long requests in work may take when a port closes. */
  closeMs: 5000,
  /** Pause between two warnings for the same reason. */
  warnEveryMs: 60_000,
} as const;

/** Used when a group gives none, or one that is not positive. Reference 2.1. */
export const DEFAULT_REPLAY_WINDOW_MS = 5 * 60_000;
