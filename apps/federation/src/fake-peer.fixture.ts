import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '@signalbox/embedded';

/** A push as a peer saw it; `verified` = signed with the peer's secret. */
export interface Received {
  readonly id: string;
  readonly body: Record<string, unknown>;
  readonly timestamp: string;
  readonly signature: string;
  readonly verified: boolean;
  readonly connection: number;
}

/** What the peer answers; `undefined` = it never does. */
export type Answering = (push: Received, nth: number) => { status: number; text?: string } | undefined;

/** A receiver that is not ours: reads what arrives and answers as the test says. */
export class FakePeer {
  readonly received: Received[] = [];
  answering: Answering = () => ({ status: 200 });
  secret: string | Buffer = 'correct horse';
  private server: Server | undefined;
  private connections = 0;

  private constructor(readonly port: number) {}

  static async create(isUp = true): Promise<FakePeer> {
    const peer = new FakePeer(await freePort());
    if (isUp) await peer.start();
    return peer;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ids of the pushes so far, in order of arrival. */
  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  async start(): Promise<void> {
    const numbers = new WeakMap<object, number>();
    const server = createServer((request, response) => {
      const { socket } = request;
      if (!numbers.has(socket)) numbers.set(socket, ++this.connections);
      void this.receive(request, response, numbers.get(socket) ?? 0);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private async receive(
    request: IncomingMessage,
    response: ServerResponse,
    connection: number,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    if (request.method !== 'POST' || request.url !== '/v1/events') {
      response.writeHead(404).end();
      return;
    }
    const timestamp = String(request.headers['x-routerd-timestamp']);
    const signature = String(request.headers['x-routerd-signature']);
    const expected = createHmac('sha256', this.secret).update(`${timestamp}\n`).update(raw).digest('hex');
    const body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
    const push = {
      id: String(body['id']),
      body,
      timestamp,
      signature,
      verified: signature === expected,
      connection,
    };
    this.received.push(push);
    const answer = push.verified
      ? this.answering(push, this.received.length)
      : { status: 401, text: 'bad signature\n' };
    if (!answer) return;
    const text =
      answer.text ?? JSON.stringify({ accepted: answer.status < 300, id: push.id, duplicate: false });
    response.writeHead(answer.status).end(text);
  }
}
