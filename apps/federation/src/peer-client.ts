import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { PEER_EVENTS_PATH, SIGNATURE_HEADER, signBody, TIMESTAMP_HEADER } from '@signalbox/contracts';
import type { PushOutcome } from './domain/judge-response.js';
import { DELIVERY_LIMITS } from './limits.js';

/** Where a peer is and what signs for it. */
export interface PeerAddress {
  readonly endpoint: string;
  readonly secret: Buffer;
}

const AGENT_OPTIONS = {
  keepAlive: true,
  maxSockets: DELIVERY_LIMITS.maxInFlight,
  maxFreeSockets: DELIVERY_LIMITS.maxInFlight,
  timeout: DELIVERY_LIMITS.idleConnectionMs,
};

/** Pushes to one peer over connections of its own, so that no other peer can be held up by it. Reference 4.3. */
export class PeerClient {
  private readonly http = new HttpAgent(AGENT_OPTIONS);
  private readonly https = new HttpsAgent(AGENT_OPTIONS);
  private readonly cut = new AbortController();

  /** One signed POST. Never throws: what goes wrong on the way is an outcome. `unixSeconds` is the time of signing. */
  async push({ endpoint, secret }: PeerAddress, body: Buffer, unixSeconds: number): Promise<PushOutcome> {
    const timestamp = String(unixSeconds);
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': body.byteLength,
      [TIMESTAMP_HEADER]: timestamp,
      [SIGNATURE_HEADER]: signBody(secret, timestamp, body),
    };
    const limit = AbortSignal.timeout(DELIVERY_LIMITS.pushMs);
    const signal = AbortSignal.any([limit, this.cut.signal]);
    try {
      const url = new URL(endpoint.replace(/\/+$/, '') + PEER_EVENTS_PATH);
      return await this.post(url, headers, body, signal);
    } catch (error) {
      if (limit.aborted) return { failure: `nothing came within ${DELIVERY_LIMITS.pushMs / 1000} s` };
      return { failure: reasonOf(error) };
    }
  }

  /** Cuts off what is in work and closes the connections. */
  close(): void {
    this.cut.abort();
    this.http.destroy();
    this.https.destroy();
  }

  /** A kept connection may turn out to be closed by the peer: that is no answer, so the request goes out once more. */
  private post(
    url: URL,
    headers: Record<string, string | number>,
    body: Buffer,
    signal: AbortSignal,
    isSecond = false,
  ): Promise<PushOutcome> {
    const isSecure = url.protocol === 'https:';
    const agent = isSecure ? this.https : this.http;
    return new Promise<PushOutcome>((resolve, reject) => {
      const request = (isSecure ? httpsRequest : httpRequest)(
        url,
        { method: 'POST', headers, agent, signal },
        (response) => void readText(response).then((text) => resolve(answer(response, text)), reject),
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        if (isStale && !isSecond) resolve(this.post(url, headers, body, signal, true));
        else reject(error);
      });
      request.end(body);
    });
  }
}

function answer({ statusCode, headers: { date = '' } }: IncomingMessage, text: string): PushOutcome {
  const dateMs = Date.parse(date);
  return { status: statusCode ?? 0, text, ...(!Number.isNaN(dateMs) && { dateMs }) };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > DELIVERY_LIMITS.answerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
  return code !== undefined && message === '' ? (errors?.[0]?.message ?? code) : message;
}
