import { BOUNDS } from '@signalbox/contracts';

/** Bounds of the event stream. */
export const STREAM_LIMITS = {
  /** Streams at once. */
  streams: BOUNDS.eventStreams as number,
  /** What may wait in the socket of a client, bytes. */
  bufferBytes: 1024 * 1024,
  /** How long more than that may wait until the client is given up, milliseconds. */
  slowMs: 10_000,
  /** How long a client may take for the end of its answer, milliseconds. */
  closeMs: 1000,
  /** Time between comments that keep the connection alive, milliseconds. */
  pingMs: 15_000,
  /** What a client is told to wait before it connects again, milliseconds. */
  retryMs: 1000,
};
