import { CodedError, tlsFault } from '@signalbox/contracts';
import { NatsError } from 'nats';

/** The server ends our connection, starts, or is not there at all. */
const AWAY = ['57P01', '57P02', '57P03', 'ECONNREFUSED'];
const BROKEN = [
  '3D000',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
];

/** Class 53, insufficient resources: its disk is full, its memory or its connections are used up. */
const SHORT = '53';

/**
 * Whether an error means that Postgres is away, starting or short of something, such as room on its disk, so that the same
 * statement may work later. What NATS did not answer in time is none of these, however its message reads.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof CodedError) return error.code === 'store-unavailable';
  if (error instanceof NatsError) return false;
  const { code, message } = error as { code?: string; message?: string };
  return (
    saysItIsAway(error) ||
    (code !== undefined && (BROKEN.includes(code) || code.startsWith('08') || code.startsWith(SHORT))) ||
    /terminat|timeout|ECONNREFUSED|not connected|connection/i.test(message ?? '')
  );
}

/** Whether Postgres itself, the lack of it, or a certificate that is not what it was says that it is away. */
export function saysItIsAway(error: unknown): boolean {
  const code = String((error as { code?: unknown } | undefined)?.code);
  return AWAY.includes(code) || tlsFault(code) !== undefined;
}
