import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { evidence, until } from './demo-site.mjs';

/** A client connects so often. Milliseconds. */
const EVERY_MS = 20;
/** So many connections make one line. */
const WINDOW = 60;
const BAR = WINDOW / 3;
/** A server that does not say its name in this time counts as failed. Milliseconds. */
const ANSWER_MS = 5_000;

/** Clients that connect one after the other and ask who serves them; who had how many is printed as it happens. */
export class Clients {
  #windows = [];
  #present = {};
  #sum = 0;
  #names;
  #timer;

  constructor(place, names) {
    this.#names = names;
    this.#timer = setInterval(() => void this.#connect(place), EVERY_MS);
  }

  /** Waits until {@link WINDOW} connections in a row were spread exactly so: name → connections. */
  becomes(wanted) {
    const from = this.#windows.length;
    const isWanted = (window) =>
      Object.keys(window).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, count]) => window[name] === count);
    return until(`${WINDOW} connections to be spread as ${JSON.stringify(wanted)}`, () =>
      this.#windows.slice(from).some(isWanted),
    );
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #connect(place) {
    const name = await open(place).then(
      (socket) => {
        socket.end();
        return socket.name;
      },
      () => 'failed',
    );
    this.#present[name] = (this.#present[name] ?? 0) + 1;
    this.#sum += 1;
    if (this.#sum < WINDOW) return;
    this.#windows.push(this.#present);
    evidence(`${new Date().toISOString().slice(11, 23)}  ${this.#line(this.#present)}`);
    this.#present = {};
    this.#sum = 0;
  }

  #line(window) {
    const shares = this.#names.map((name) => {
      const count = window[name] ?? 0;
      return `${name} ${String(count).padStart(2)} ${'█'.repeat(Math.round(count / 3)).padEnd(BAR)}`;
    });
    return `${shares.join(' ')} failed ${window.failed ?? 0}`;
  }
}

/** A connection, with the name that the server said first, and the lines that follow. */
export function open({ address, port }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    const lines = createInterface({ input: socket });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    lines.on('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
    lines.once('line', (name) => {
      socket.setTimeout(0);
      socket.on('error', () => socket.destroy());
      resolve(Object.assign(socket, { name, lines }));
    });
  });
}
