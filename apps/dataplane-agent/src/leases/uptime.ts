import { readFileSync } from 'node:fs';

/**
 * How long the machine is up, the time that it slept included. Milliseconds, by hundredths of a second: the one clock of leases, which
 * programs and shells can read too.
 */
export function uptimeMs(): number {
  const seconds = readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0];
  return Math.round(Number(seconds) * 1000);
}
