import type { IncomingMessage, ServerResponse } from 'node:http';
import { PEER_BODY_BYTES } from '@signalbox/contracts';
import { RECEIVER_LIMITS } from './limits.js';

/**
 * Reads a body of at most 1 MiB. Longer ones are thrown away as they come, up to a bound, so that the sender is still
 * there for the answer; `broken` = the sender went away.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | 'broken'> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > RECEIVER_LIMITS.discardBytes) return 'too-large';
  let chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const incoming = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of incoming) {
      bytes += chunk.length;
      if (bytes > RECEIVER_LIMITS.discardBytes) return 'too-large';
      if (bytes > PEER_BODY_BYTES) chunks = [];
      else chunks.push(chunk);
    }
  } catch {
    return 'broken';
  }
  return bytes > PEER_BODY_BYTES ? 'too-large' : Buffer.concat(chunks, bytes);
}

/** Answers in plain text, as Go's `http.Error` does. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const headers: Record<string, string | number> = {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  };
  if (!response.req.complete) headers['connection'] = 'close';
  response.writeHead(status, headers).end(body);
}

/** The first value of a header that Node gives as text or list. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
