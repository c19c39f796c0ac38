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

export function createLog(level: string): Log {
  return pino(
    { level, base: null, redact: SECRETS, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
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
