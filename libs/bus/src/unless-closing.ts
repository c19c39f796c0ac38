import { ErrorCode, NatsError } from 'nats';

const CLOSING: readonly string[] = [ErrorCode.ConnectionClosed, ErrorCode.ConnectionDraining];

/**
 * Says something for which nobody waits, or subscribes to something: left out when the connection has closed, or drains and takes
 * nothing new. Asking first is not enough, because a draining connection says only when used how far its drain is.
 *
 * @throws what `act` throws for any other reason
 */
export function unlessClosing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof NatsError) || !CLOSING.includes(error.code)) throw error;
  }
}
