/**
 * Why a call of an API server came to nothing.
 * - `unreachable`: no answer began, or one that should be whole ended before it was
 * - `refused`: it answered with a status that is no success
 * - `expired`: what was asked for is too old (410): list again
 * - `cut`: a watch ended in the middle
 * - `silent`: a watch that stands has brought nothing for too long
 * - `broken`: an answer that cannot be read
 */
export type FailureKind = 'unreachable' | 'refused' | 'expired' | 'cut' | 'silent' | 'broken';

/** A call that came to nothing; the message is for people, and has no secret in it. */
export class ApiFailure extends Error {
  readonly status: number | undefined;
  /** When the server wants to be asked again. Milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly kind: FailureKind,
    message: string,
    more: { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'ApiFailure';
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Certificates that nobody who is trusted stands for. Node, OpenSSL error codes. */
const UNTRUSTED: readonly (string | undefined)[] = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
];

/** Any error of a call as a failure. */
export function asFailure(error: unknown, kind: FailureKind): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
  const said = message !== '' ? message : (errors?.[0]?.message ?? code ?? 'no answer');
  const cut = ['ECONNRESET', 'EPIPE'].includes(code ?? '');
  if (cut) return new ApiFailure(kind, 'the connection was cut', { cause: error });
  const text = UNTRUSTED.includes(code)
    ? `${said}: put the authority of the cluster into the file "ca.crt" of the credentials`
    : said;
  return new ApiFailure(kind, text, { cause: error });
}

/** What an operator can do about a status. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'the token is not known there: renew the file "token" of the credentials',
  403: 'the ServiceAccount may not do that: give it the ClusterRole of the guide "Kubernetes Services"',
  404: 'nothing of this name is there: look at the server URL and the namespace, and that the cluster has discovery.k8s.io/v1 (1.21 or newer)',
};

/** Longest text of a server that is passed on. */
const MAX_TOLD = 200;

/** A status that is no success, with what the server says and what can be done. `call` says what was asked for. */
export function refusal(
  call: string,
  status: number,
  body: string,
  retryAfter: string | undefined,
): ApiFailure {
  const seconds = Number(retryAfter);
  const remedy = REMEDIES[status];
  const told = messageIn(body);
  const text = `${call} was answered ${status}${told === '' ? '' : ` "${told}"`}${remedy === undefined ? '' : `: ${remedy}`}`;
  return new ApiFailure(status === 410 ? 'expired' : 'refused', text, {
    status,
    ...(retryAfter !== undefined && Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  });
}

/** What a `Status` of the API says; nothing when the body is none. */
function messageIn(body: string): string {
  try {
    const { message } = Object(JSON.parse(body)) as { message?: unknown };
    return typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').slice(0, MAX_TOLD) : '';
  } catch {
    return ''; // a proxy in between answers in its own way
  }
}
