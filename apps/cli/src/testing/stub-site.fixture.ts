import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the stub answers: a body with its status, a stream, or a connection that breaks. */
export type StubAnswer =
  { readonly status?: number; readonly body?: unknown; readonly type?: string } | StubStream | 'reset';

/** An event stream: its packets, then it ends, breaks, or stays open. */
export interface StubStream {
  readonly packets: readonly (string | Uint8Array)[];
  readonly then: 'end' | 'reset' | 'open';
}

export interface StubRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A REST API for specs: answers by method and path, remembers what it was asked. */
export class StubSite {
  readonly requests: StubRequest[] = [];
  private readonly answers = new Map<string, StubAnswer[]>();

  private fallback: ((request: StubRequest) => StubAnswer | undefined) | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StubSite> {
    const server = createServer();
    const site = new StubSite(server);
    server.on('request', (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const answer = site.answerTo(request, Buffer.concat(chunks).toString('utf8'));
        if (answer === 'reset') return request.socket.destroy();
        if ('packets' in answer) return void playStream(answer, response);
        const { status = 200, body, type } = answer;
        const json = status >= 400 ? 'application/problem+json' : 'application/json';
        response.writeHead(status, { 'content-type': type ?? json });
        return response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers to `GET /v1/…`, one for each request; the last one stays. */
  on(route: string, ...answers: readonly StubAnswer[]): this {
    this.answers.set(route, [...answers]);
    return this;
  }

  /** Answers what has no answer of its own. */
  otherwise(answer: (request: StubRequest) => StubAnswer | undefined): this {
    this.fallback = answer;
    return this;
  }

  forget(): void {
    this.requests.length = 0;
    this.answers.clear();
    this.fallback = undefined;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private answerTo(request: IncomingMessage, body: string): StubAnswer {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, url, headers, body });
    const answers = this.answers.get(`${method} ${url.split('?')[0]}`) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return (
      answer ??
      this.fallback?.(this.requests.at(-1)!) ??
      problem(404, 'not-found', `no answer for ${method} ${url}`)
    );
  }
}

/** Each packet is handed to the socket before the next one. */
async function playStream({ packets, then }: StubStream, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const packet of packets) await new Promise<void>((resolve) => response.write(packet, () => resolve()));
  if (then === 'end') response.end();
  if (then === 'reset') response.socket?.destroy();
}

/** A problem+json answer. */
export function problem(
  status: number,
  code: string,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): StubAnswer {
  return { status, body: { type: `https://signalbox.dev/errors/${code}`, status, code, detail, ...more } };
}
