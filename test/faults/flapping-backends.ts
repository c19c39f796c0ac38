import { type WebAnswer, WebServers } from '../e2e/web-servers.js';
import type { SeededRandom } from './seeded-random.js';

/** After so many answers a server begins its row of answers again. */
const ANSWERS = 16;
const FINE: WebAnswer = { status: 200, body: 'fine\n' };
const BROKEN: WebAnswer = { status: 503, body: 'broken\n' };

/** Real web servers that are fine and broken in turns, each in an order of its own that the seed repeats. */
export class FlappingBackends {
  private constructor(
    private readonly servers: WebServers,
    /** Loopback addresses, one for each server. */
    readonly addresses: readonly string[],
  ) {}

  static async start(random: SeededRandom, count: number): Promise<FlappingBackends> {
    const addresses = Array.from({ length: count }, (_, n) => `127.77.0.${n + 1}`);
    const servers = await WebServers.start(...addresses);
    for (const address of addresses)
      servers
        .at(address)
        .say(...Array.from({ length: ANSWERS }, () => (random.next() < 0.5 ? FINE : BROKEN)));
    return new FlappingBackends(servers, addresses);
  }

  /** Where all of them listen. */
  get port(): number {
    return this.servers.port;
  }

  /** From now on all are fine. */
  calm(): void {
    for (const address of this.addresses) this.servers.at(address).say(FINE);
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }
}
