import { CodedError } from '@signalbox/contracts';
import { throwUnlessOk } from '../../domain/endpoint-answer.js';
import { shorten } from '../../domain/short-text.js';
import { PROCESS_LIMITS } from '../limits.js';
import type { EndpointOutcome } from './post-request.js';

/** Errors of TLS begin so, or are about a certificate. Node has no list of them. */
const OF_TLS =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO$)/;

/**
 * Throws the first thing that is wrong with how a request ended, unless the whole answer is there: `run-lost`, `plugin-untrusted`,
 * `plugin-unreachable`, `plugin-timeout`, `plugin-output-limit`, and as {@link throwUnlessOk}. `told`: what was said instead of a
 * result. `timeout`: as declared.
 */
export function throwUnlessAnswered(
  { isConnected, head, stoppedBy, failure }: EndpointOutcome,
  told: string,
  timeout = `${PROCESS_LIMITS.timeoutMs / 1000}s`,
): void {
  if (stoppedBy === 'abort')
    throw new CodedError('run-lost', 'was given up because the service is shutting down');
  if (stoppedBy === 'deadline' && !isConnected)
    throw new CodedError('plugin-unreachable', `no connection came about within ${timeout}`);
  if (head && head.status !== 200) throwUnlessOk(head, told);
  if (stoppedBy === 'deadline')
    throw new CodedError(
      'plugin-timeout',
      `timed out after ${timeout}: the connection was closed; raise spec.timeout if it needs longer`,
    );
  if (stoppedBy === 'body')
    throw new CodedError(
      'plugin-output-limit',
      `answered with more than ${PROCESS_LIMITS.stdoutBytes} bytes and was cut off`,
    );
  if (failure) throw errorOf(failure, isConnected);
  if (!head) throw new CodedError('plugin-exit', 'closed the connection without an answer');
}

function errorOf(failure: NodeJS.ErrnoException, isConnected: boolean): CodedError {
  const { code = '' } = failure;
  const reason = shorten(reasonOf(failure));
  if (code === 'HPE_HEADER_OVERFLOW')
    return new CodedError(
      'plugin-output-limit',
      `answered with more than ${PROCESS_LIMITS.answerHeaderBytes} bytes of headers`,
    );
  if (code.startsWith('HPE_')) return new CodedError('plugin-output-invalid', `answered no HTTP: ${reason}`);
  if (OF_TLS.test(code))
    return new CodedError('plugin-untrusted', `no TLS connection that can be trusted came about: ${reason}`);
  return isConnected
    ? new CodedError('plugin-exit', `broke the connection off: ${reason}`)
    : new CodedError('plugin-unreachable', `cannot be reached: ${reason}`);
}

/** What is behind several addresses fails with one error for each. */
function reasonOf(error: NodeJS.ErrnoException & { readonly errors?: readonly Error[] }): string {
  const { code, message, errors } = error;
  if (message !== '') return message;
  return errors?.[0]?.message ?? code ?? 'no reason given';
}
