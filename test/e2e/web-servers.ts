import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '@signalbox/embedded';

/** What a server says to each request: a status with a body, or nothing until another answer is set. */
export type WebAnswer = { readonly status: number; readonly body?: string } | 'hang';

const FINE: WebAnswer = { status: 200, body: 'fine\n' };

/** Ports that are tried before it is said that there is no common one. */
const ATTEMPTS = 5;

/** A real HTTP server on a loopback address, with its access log. */
export class WebServer {
  /** Request lines, oldest first. */
  readonly log: string[] = [];
  private answers: readonly WebAnswer[] = [FINE];
  private answered = 0;
  private readonly hanging = new Set<ServerResponse>();
  private server: Server | undefined;

  constructor(
    readonly address: string,
    readonly port: number,
  ) {}

  /** How many requests have come. */
  get requests(): number {
    return this.log.length;
  }

  /** How many of them wait for an answer. */
  get unanswered(): number {
    return this.hanging.size;
  }

  /** Answers so from now on, in turn when there are several; whoever was left hanging gets an answer as well. */
  say(...answers: readonly WebAnswer[]): void {
    this.answers = answers;
    this.answered = 0;
    const waiting = [...this.hanging];
    this.hanging.clear();
    for (const response of waiting) this.respond(response);
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => this.take(request, response));
    server.listen({ port: this.port, host: this.address, exclusive: true });
    await once(server, 'listening');
    this.server = server;
  }

  /** Connections are cut, and new ones refused until {@link open}. */
  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    this.hanging.clear();
  }

  private take({ method, url }: IncomingMessage, response: ServerResponse): void {
    this.log.push(`${method} ${url}`);
    this.respond(response);
  }

  private respond(response: ServerResponse): void {
    const answer = this.answers[this.answered % this.answers.length] ?? FINE;
    this.answered += 1;
    if (answer === 'hang') {
      this.hanging.add(response);
      response.once('close', () => this.hanging.delete(response));
    } else response.writeHead(answer.status, { connection: 'close' }).end(answer.body);
  }
}

/** Servers on addresses of their own and one common port, which the checks name. */
export class WebServers {
  private constructor(
    readonly port: number,
    private readonly servers: ReadonlyMap<string, WebServer>,
  ) {}

  /** All of 127/8 is usable without any set-up on Linux. */
  static async start(...addresses: readonly string[]): Promise<WebServers> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const servers = new Map(addresses.map((address) => [address, new WebServer(address, port)]));
      const all = new WebServers(port, servers);
      try {
        for (const server of servers.values()) await server.open();
        return all;
      } catch (error) {
        await all.stop();
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  at(address: string): WebServer {
    const server = this.servers.get(address);
    if (server) return server;
    throw new Error(`there is no server at ${address}`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.close()));
  }
}

/**
 * Resolves when so many milliseconds have passed without a request, and fails at the first one. That nothing leaves is
 * no condition to wait for: it can only be seen by looking on for a while, so this is where time passes in tests.
 */
export async function expectSilence(server: WebServer, forMs: number): Promise<void> {
  const before = server.requests;
  for (const endMs = Date.now() + forMs; Date.now() < endMs;) {
    const [request] = server.log.slice(before);
    if (request !== undefined) throw new Error(`${server.address} got "${request}" and was to get nothing`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
