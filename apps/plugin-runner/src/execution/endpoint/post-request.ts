import {
  type Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AnswerHead } from '../../domain/endpoint-answer.js';
import { onAbort } from '../abort-listener.js';
import { CapturedStdout } from '../captured-output.js';
import { PROCESS_LIMITS } from '../limits.js';

/** One request to an endpoint. */
export interface EndpointRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly agent: HttpAgent;
  /** Milliseconds until the deadline, > 0: of everything, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Ends the request; the outcome says `aborted`. */
  readonly signal?: AbortSignal;
}

/** Why a request was ended before the answer was whole. */
type StopReason = 'deadline' | 'abort' | 'body';

/** What became of a request, not yet judged. */
export interface EndpointOutcome {
  /** Whole milliseconds from start to end, by a clock that never jumps. */
  readonly durationMs: number;
  /** Whether there was a connection, so that the endpoint may have seen the request. */
  readonly isConnected: boolean;
  /** Absent: no answer began. */
  readonly head?: AnswerHead;
  /** Of an answer with 200 at most 4 MiB, of any other the first 64 KiB; what came of it. */
  readonly body: Buffer;
  /** sha256 hex of `body`. */
  readonly bodyDigest: string;
  readonly stoppedBy?: StopReason;
  /** What went wrong with the connection, with its code. */
  readonly failure?: NodeJS.ErrnoException;
}

/**
 * Posts a request and never throws for what the endpoint does. Follows no redirect, uses no proxy, decodes nothing. A kept
 * connection may turn out to be closed by the other side: that is no answer, so the request goes out once more, with the same headers.
 */
export async function postRequest(request: EndpointRequest): Promise<EndpointOutcome> {
  const startedMs = performance.now();
  const first = await postOnce(request, startedMs);
  return first.isStale ? postOnce(request, startedMs) : first;
}

function postOnce(
  { url, headers, body, agent, timeoutMs, signal }: EndpointRequest,
  startedMs: number,
): Promise<EndpointOutcome & { readonly isStale: boolean }> {
  const elapsed = (): number => performance.now() - startedMs;
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve) => {
    const captured = new CapturedStdout();
    let head: AnswerHead | undefined;
    let stoppedBy: StopReason | undefined;
    let isConnected = false;
    let finished = false;

    const finish = (failure?: NodeJS.ErrnoException): void => {
      if (finished) return;
      finished = true;
      clearTimeout(deadline);
      leaveSignal();
      const { stdout, stdoutDigest } = captured.read();
      resolve({
        durationMs: Math.round(elapsed()),
        isConnected,
        ...(head && { head }),
        body: stdout,
        bodyDigest: stdoutDigest,
        ...(stoppedBy && { stoppedBy }),
        ...(failure && { failure }),
        isStale: request.reusedSocket && !head && !stoppedBy && isClosing(failure),
      });
    };
    const stop = (reason: StopReason): void => {
      stoppedBy ??= reason;
      finish();
      request.destroy();
    };

    const request: ClientRequest = (isSecure ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.byteLength },
      agent,
      maxHeaderSize: PROCESS_LIMITS.answerHeaderBytes,
    });
    const limitMs = Math.min(timeoutMs, PROCESS_LIMITS.longestTimeoutMs);
    const deadline = setTimeout(() => stop('deadline'), Math.max(0, limitMs - elapsed()));
    const leaveSignal = onAbort(signal, () => stop('abort'));

    request.on('socket', (socket) => {
      if (request.reusedSocket) isConnected = true;
      else socket.once(isSecure ? 'secureConnect' : 'connect', () => (isConnected = true));
    });
    request.on('response', (response: IncomingMessage) => {
      const { statusCode: status = 0, headers: answered } = response;
      head = { status, ...(answered.location !== undefined && { location: answered.location }) };
      const wanted = status === 200 ? Infinity : PROCESS_LIMITS.stderrBytes;
      response.on('data', (chunk: Buffer) => {
        if (finished) return;
        const isWithin = captured.take(chunk.subarray(0, wanted - captured.bytes));
        if (!isWithin) stop('body');
        else if (captured.bytes >= wanted) endWith(request, finish);
      });
      response.on('end', () => finish());
      response.on('error', finish);
      response.on('close', () => finish(response.complete ? undefined : new Error(CUT_SHORT)));
    });
    request.on('error', finish);
    // an answer that has begun tells its own end
    request.on('close', () => head ?? finish());
    request.end(body);
    if (signal?.aborted) stop('abort');
  });
}

const CUT_SHORT = 'the answer ended before it was whole';

/** The rest of an answer is not wanted, so its connection is of no further use. */
function endWith(request: ClientRequest, finish: () => void): void {
  finish();
  request.destroy();
}

function isClosing(failure: NodeJS.ErrnoException | undefined): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(failure?.code ?? '');
}
