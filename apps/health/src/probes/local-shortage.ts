/**
 * Errors of the machine that the prober runs on: no descriptor, no process, no memory, no local port or address to send
 * from. They say nothing about a backend.
 */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENOSPC', 'EAGAIN', 'EADDRINUSE']);

/** What `ping` prints of the same. */
const PRINTED: readonly (readonly [cause: string, text: RegExp])[] = [
  ['EMFILE', /too many open files/i],
  ['ENOBUFS', /no buffer space/i],
  ['ENOMEM', /cannot allocate memory/i],
  ['EAGAIN', /resource temporarily unavailable/i],
];

/**
 * The error code of a shortage of our own, undefined when the error is none. A source address of the config that is not
 * ours (`bind`) is a mistake there, no shortage.
 */
export function shortageOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  const isShortage = SHORTAGES.has(code) || (code === 'EADDRNOTAVAIL' && syscall !== 'bind');
  return isShortage ? code : undefined;
}

/** The same of what a program printed. */
export function printedShortage(text: string): string | undefined {
  return PRINTED.find(([, pattern]) => pattern.test(text))?.[0];
}
