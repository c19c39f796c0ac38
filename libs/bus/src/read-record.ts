import { CodedError } from '@signalbox/contracts';
import type { BusLog } from './bus.js';
import type { StreamMessage } from './stream-message.js';

/**
 * Reads the record of a message. One that cannot be read is logged and `undefined`: it must not block what stands behind
 * it. The projection of its stream keeps it as a dead letter; where there is none, `onUnreadable` does.
 */
export function readRecord<T>(
  log: BusLog,
  { stream, seq, data }: Pick<StreamMessage, 'stream' | 'seq' | 'data'>,
  decode: (data: Uint8Array) => T,
  onUnreadable: (error: CodedError) => void = () => undefined,
): T | undefined {
  try {
    return decode(data);
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'poison-message')) throw error;
    log.error({ stream, seq, reason: error.message }, 'a record cannot be read, passing over it');
    onUnreadable(error);
    return undefined;
  }
}

/** What was made of a message, by the message: two folds of the same one share it. */
const DECODED = new WeakMap<StreamMessage, { readonly decode: unknown; readonly record: unknown }>();

/** The record of a message, decoded once however often it is asked for. Throws what `decode` throws. */
export function decodeOnce<T>(message: StreamMessage, decode: (data: Uint8Array) => T): T {
  const known = DECODED.get(message);
  if (known?.decode === decode) return known.record as T;
  const record = decode(message.data);
  DECODED.set(message, { decode, record });
  return record;
}
