// Clients with connections that stand: each sends a numbered line every so often, and has to get it back, in order and from the same
// server. Reports who was cut off, and the longest time in which nothing came.
import { connect } from 'node:net';
import { answering } from './answering.mjs';

/** A connect that takes longer has failed. Milliseconds. */
const CONNECT_MS = 20_000;
/** A gap that somebody may notice. Milliseconds. */
const LONG_MS = 100;

class LineClient {
  server;
  cut;
  received = 0;
  #sent = 0;
  #rest = '';
  #heardAt;
  #longest = 0;

  constructor({ address, port }) {
    this.socket = connect({ host: address, port, noDelay: true });
    this.socket.setEncoding('latin1').on('data', (text) => this.#hear(text));
    this.socket.on('error', (error) => (this.cut ??= error.code ?? error.message));
    this.socket.on('close', () => (this.cut ??= 'closed'));
    this.opened = new Promise((resolve) => {
      const give = () => {
        this.#lose('no answer to the connect');
        resolve();
      };
      const timer = setTimeout(give, CONNECT_MS);
      this.socket.once('close', resolve);
      this.onName = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  get isAlive() {
    return this.cut === undefined;
  }

  mark() {
    this.#longest = 0;
    this.#heardAt = performance.now();
  }

  send() {
    if (!this.isAlive || this.server === undefined) return;
    this.#sent += 1;
    this.socket.write(`${this.#sent}\n`);
  }

  /** Since the mark, what lasts now included. */
  get longest() {
    return Math.max(this.#longest, this.isAlive ? performance.now() - this.#heardAt : 0);
  }

  #hear(text) {
    const now = performance.now();
    if (this.#heardAt !== undefined) this.#longest = Math.max(this.#longest, now - this.#heardAt);
    this.#heardAt = now;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#take(line);
  }

  #take(line) {
    if (this.server === undefined) {
      this.server = line;
      this.onName();
      return;
    }
    this.received += 1;
    if (line !== String(this.received)) this.#lose(`got ${line} in the place of ${this.received}`);
  }

  #lose(why) {
    this.cut ??= why;
    this.socket.destroy();
  }
}

let clients = [];
let timer;

await answering({
  /** Opens so many connections, one after the other; resolves when each has its server, or failed. */
  async open(count, place, everyMs) {
    for (let n = 0; n < count; n += 1) {
      const client = new LineClient(place);
      clients.push(client);
      await client.opened;
    }
    timer ??= setInterval(() => clients.forEach((client) => client.send()), everyMs);
    clients.forEach((client) => client.mark());
  },
  /** Whether a new connection is served: the name of the server, or null. */
  async tryOne(place) {
    const client = new LineClient(place);
    await client.opened;
    client.socket.destroy();
    return client.server ?? null;
  },
  /** Gaps are counted anew. */
  mark: () => clients.forEach((client) => client.mark()),
  /** How it stands since the mark. */
  report: () => {
    const alive = clients.filter(({ isAlive }) => isAlive);
    const servers = {};
    for (const { server } of alive) servers[server] = (servers[server] ?? 0) + 1;
    const gaps = alive.map(({ longest }) => longest);
    return {
      connections: clients.length,
      alive: alive.length,
      lost: clients.filter(({ isAlive }) => !isAlive).map(({ server, cut }) => `${server ?? '?'}: ${cut}`),
      longestGapMs: Math.round(Math.max(0, ...gaps)),
      longGaps: gaps.filter((gap) => gap > LONG_MS).length,
      servers,
    };
  },
  /** Lines that each connection got so far. */
  received: () => clients.map(({ received }) => received),
  /** Which connections are lost. */
  cut: () => clients.map(({ isAlive }) => !isAlive),
  end: () => {
    clearInterval(timer);
    timer = undefined;
    for (const { socket } of clients) socket.destroy();
    clients = [];
  },
});
