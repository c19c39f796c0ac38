import { ACK_WAIT_MS } from '@signalbox/bus';
import { BOUNDS } from '@signalbox/contracts';

/** Bounds of deliveries. Milliseconds unless said otherwise. */
export const DELIVERY_LIMITS = {
  /** Facts in work per peer: tried, or waiting for their next try. Also the connections to a peer. */
  maxInFlight: BOUNDS.deliveriesInWork,
  /** The server hands a fact out again when nothing was heard of it for so long. */
  ackWaitMs: ACK_WAIT_MS,
  /** One POST with its answer. */
  pushMs: 30_000,
  /** An idle connection is closed before the peer does it. */
  idleConnectionMs: 20_000,
  /** Most of an answer that is read. Bytes. */
  answerBytes: 64 * 1024,
  /** When a lane closes, POSTs in work get so long before they are cut off. */
  closeMs: 1000,
  /** A message that a closed lane gives back is due again after this. */
  giveBackMs: 500,
  /** How long a new consumer waits for the table to hold what this process has recorded. */
  tableMs: 5000,
} as const;
