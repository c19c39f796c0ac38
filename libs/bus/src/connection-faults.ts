import { tlsFault } from '@signalbox/contracts';
import { ErrorCode, NatsError } from 'nats';
import { describeLogin, type NatsAccess } from './nats-access.js';
import { alertOf } from './tls-probe.js';

/** Why a connection is not made, for a line in the log. */
export interface ConnectionFault {
  /** What is being done about it. */
  readonly why: string;
  readonly reason: string;
  /** A code of the table of errors, where the fault has one of its own. */
  readonly code?: 'certificate-refused';
}

/** Tells faults of settings from a server that is away. What TLS says is hard to find a setting from, so the setting is named. */
export async function faultOf(cause: unknown, access: NatsAccess): Promise<ConnectionFault> {
  const { code, chainedError } = cause as { code?: string; chainedError?: { code?: string } };
  const why = isRefusedLogin(cause) ? refusedLogin(access) : 'waiting for NATS';
  const { tls, url } = access;
  if (!tls) return { why, reason: String(cause) };
  if (code === (ErrorCode.ServerOptionNotAvailable as string))
    return {
      why,
      reason: 'the server offers no TLS: NATS_URL with tls://, NATS_CA_FILE or NATS_CERT_FILE demands it',
    };
  const known = tlsFault(code) ?? tlsFault(chainedError?.code);
  if (known !== undefined)
    return {
      why,
      code: 'certificate-refused',
      reason: `${known}: look at NATS_CA_FILE and the host names of NATS_URL (${String(cause)})`,
    };
  if (code !== (ErrorCode.Timeout as string)) return { why, reason: String(cause) };
  const alert = await alertOf(new URL(url.split(',')[0] ?? ''), tls);
  const told = tlsFault(alert);
  if (told === undefined) return { why, reason: String(cause) };
  return {
    why,
    code: 'certificate-refused',
    reason: `${told}: look at NATS_CERT_FILE and NATS_KEY_FILE (${alert})`,
  };
}

/** Why JetStream does not answer over a connection that stands. */
export function noJetStream(url: string, { jsDomain }: NatsAccess, cause: unknown): string {
  const code = cause instanceof NatsError ? cause.code : '';
  if (code === (ErrorCode.PermissionsViolation as string))
    return `NATS at ${url} does not let this user reach JetStream: is it the login of another service?`;
  if (jsDomain !== undefined)
    return `JetStream of the domain ${jsDomain} does not answer at ${url}: is NATS_JS_DOMAIN right, and the leaf node connected?`;
  if (code === (ErrorCode.JetStreamNotEnabled as string))
    return `NATS at ${url} has no JetStream: start it with -js, or name the domain of one behind it by NATS_JS_DOMAIN`;
  return `JetStream of NATS at ${url} does not answer`;
}

/** Names the login that was tried, so that nobody looks for the fault in another. */
export function refusedLogin({ login }: NatsAccess): string {
  return `NATS refuses the login of this process (${describeLogin(login)}): is it one that the server knows? Trying again`;
}

function isRefusedLogin(error: unknown): boolean {
  return error instanceof NatsError && error.code === (ErrorCode.AuthorizationViolation as string);
}
