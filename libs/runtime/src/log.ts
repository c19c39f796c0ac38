import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** Structured log of a process: one JSON line per entry on stderr. `child({service})` names the part that speaks. */
export type Log = Logger;

/** Injection token of the process log. */
export const LOG = Symbol('Log');

/** Paths whose values never reach a log. */
const SECRETS = [
  'token',
  'secret',
  'password',
  'authorization',
  '*.token',
  '*.secret',
  '*.password',
  'headers.authorization',
];

/** Bytes of lines that may wait until they can be written; more are dropped. */
const MOST_WAITING = 256 * 1024;

/**
 * Lines go to stderr, or to `fd`. One that cannot be written, because the disk is full on which the log stands, waits for the
 * next one that can: nobody ends for the sake of a line.
 */
export function createLog(level: string, fd = 2): Log {
  const lines = pino.destination({ fd, sync: true, maxLength: MOST_WAITING });
  lines.on('error', () => undefined);
  return pino({ level, base: null, redact: SECRETS, timestamp: pino.stdTimeFunctions.isoTime }, lines);
}

/** Sends what Nest itself reports to the log; its start-up chatter is left out. */
export function nestLog(log: Log): LoggerService {
  const silent = (): void => undefined;
  return {
    log: silent,
    debug: silent,
    verbose: silent,
    error: (message: unknown, ...details: unknown[]) => log.error({ details }, String(message)),
    warn: (message: unknown, ...details: unknown[]) => log.warn({ details }, String(message)),
  };
}
