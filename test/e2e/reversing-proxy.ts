import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between a sender and a receiver: holds the first pushes back until there are `count`, then passes them on, last first. */
export class ReversingProxy {
  /** Bodies in the order in which the receiver got them. */
  readonly forwarded: Record<string, unknown>[] = [];
  private held: (() => Promise<void>)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly count: number,
  ) {}

  static async start(target: string, count: number): Promise<ReversingProxy> {
    const server = createServer();
    const proxy = new ReversingProxy(server, count);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        proxy.hold(async () => {
          const answer = await passOn(`${target}${request.url}`, request.headers, body);
          if (answer.ok) proxy.forwarded.push(JSON.parse(body.toString()) as Record<string, unknown>);
          response.writeHead(answer.status).end(await answer.text());
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private hold(forward: () => Promise<void>): void {
    this.held.push(forward);
    if (this.held.length < this.count) return;
    const together = this.held.reverse();
    this.held = [];
    void together.reduce((before, next) => before.then(next), Promise.resolve());
  }
}

/** A receiver that cannot be reached is a 502, so that the sender comes again. */
async function passOn(url: string, given: IncomingHttpHeaders, body: Buffer): Promise<Response> {
  const signed = Object.entries(given).filter(([name]) => name.startsWith('x-'));
  const headers = { 'Content-Type': 'application/json', ...(Object.fromEntries(signed) as object) };
  return fetch(url, { method: 'POST', headers, body }).catch(() => new Response('', { status: 502 }));
}
