import { BOUNDS } from '@signalbox/contracts';

/** Bounds of what `sim` holds, of one listener where nothing else is said. */
export const SIM_LIMITS = {
  /** Connections at once of a listener that names no limit: two file descriptors each. */
  connections: BOUNDS.simConnections,
  /** Flows of datagrams at once, of a listener that names no limit: one file descriptor each. */
  flows: BOUNDS.simFlows,
  /** Targets of a listener. */
  targets: 1_000,
  /** Targets that are tried for one connection: the chosen one, and one other when it does not answer. */
  tries: 2,
  /** Datagrams that a flow keeps until its socket is ready; more are dropped, as datagrams may be. */
  waitingDatagrams: 16,
  /** Bytes that a socket of datagrams has yet to send; above it they are dropped. */
  queuedBytes: 1_048_576,
} as const;
