import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** What is sent. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** An answer whose body has not been read yet. */
export interface HttpAnswer {
  readonly status: number;
  /** Content type, `''` without one. */
  readonly type: string;
  /** Throws when the connection ends before the body does, and when the signal is aborted. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One request on a connection of its own; redirects are not followed. Settles whatever the connection does: rejects
 * with the error of the socket, of the parser (`HPE_…`) or of the signal. Node's `fetch` is not used because its
 * promise stays open for ever when a server closes a connection as soon as it has accepted it (seen with Node 20).
 */
export function exchange(url: string, { signal, body, ...given }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const send = url.startsWith('https:') ? tlsRequest : plainRequest;
    const request = send(url, { ...given, agent: false });
    const abort = (): void => void request.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', abort);
    request.on('error', (error) => {
      forget();
      reject(error);
    });
    request.on('response', (response) => {
      response.once('close', forget);
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'] ?? '',
        body: bodyOf(response, signal),
      });
    });
    request.end(body);
  });
}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
    // a body that ends with its connection looks whole when it is we who end it
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Why an exchange failed, in one line. */
export function exchangeProblem(error: unknown): string {
  const { code = '', message = String(error) } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (code.startsWith('HPE_'))
    return `what answers does not speak HTTP (${message}); is it https:// that listens there?`;
  if (code === 'EPROTO') return 'what answers does not speak TLS; is it http:// that listens there?';
  if (message === 'aborted') return 'the connection was closed in the middle of the answer';
  if (message === 'socket hang up') return 'the connection was closed without an answer';
  return message || code;
}
