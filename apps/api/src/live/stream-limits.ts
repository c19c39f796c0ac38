import { BOUNDS } from '@signalbox/contracts';

/** Bounds of the event stream. */
export const STREAM_LIMITS = {
  /** Streams at once. */
  streams: BOUNDS.eventStreams as number,
  /** Groups whose facts one stream may tell of. */
  groups: BOUNDS.streamGroups as number,
  /** Newest messages of a source that are kept for who joins or was behind for a moment. */
  feedMessages: BOUNDS.feedMessages as number,
  feedBytes: BOUNDS.feedBytes as number,
  /** Clients that are behind and read at once, by readers of their own; the others wait for their turn. */
  catchUps: 8,
  /** Messages that one of them reads in a turn. */
  catchUpMessages: 5000,
  /** Present states that are read and sent at once. */
  presentReads: 4,
  /** What may wait in the socket of a client, bytes. */
  bufferBytes: 1024 * 1024,
  /** How much is gathered before it is written, characters. */
  writeChars: 64 * 1024,
  /** How long more than that may wait until the client is given up, milliseconds. */
  slowMs: 10_000,
  /** How long a client may take for the end of its answer, milliseconds. */
  closeMs: 1000,
  /** Time between comments that keep the connection alive, milliseconds. */
  pingMs: 15_000,
  /** What a client is told to wait before it connects again, milliseconds. */
  retryMs: 1000,
  /** Time between looks at the alarms while somebody follows them: no service tells when one is raised. Milliseconds. */
  alarmsMs: 5000,
};
