import { PROBE_LIMITS } from './limits.js';

const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  EHOSTDOWN: 'host is down',
  ENETUNREACH: 'network is unreachable',
  ENETDOWN: 'network is down',
  EADDRNOTAVAIL: 'address not available',
  EADDRINUSE: 'address in use',
  EAFNOSUPPORT: 'address family not supported',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOBUFS: 'no buffer space',
  ENOMEM: 'out of memory',
  EAGAIN: 'no process or port is free',
  EMSGSIZE: 'message too long',
};

/** What went wrong, for people. OpenSSL tells in `reason` what its message buries between library and file names. */
export function failureText(error: unknown): string {
  const { code, reason, message } = error as NodeJS.ErrnoException & { reason?: string };
  const said = code?.startsWith('ERR_SSL_') ? reason : undefined;
  return TEXTS[code ?? ''] ?? said ?? message;
}

/** A detail as records keep it: one line of bounded length that can be stored. */
export function readable(text: string): string {
  return text
    .slice(0, PROBE_LIMITS.detailLength)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .trim();
}
