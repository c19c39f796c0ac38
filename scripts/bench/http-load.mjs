// Requests over kept connections, one in flight on each, with as little work of its own as can be.
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * Sends for so many seconds over `connections`; throws at an answer that is not 2xx.
 *
 * @param {string} url
 * @param {{ connections: number, seconds: number, headers?: Record<string, string>, body: () => string }} options
 * @returns {Promise<number>} answers per second
 */
export async function postRate(url, { connections, seconds, headers = {}, body }) {
  const target = new URL(url);
  const head = [
    `POST ${target.pathname} HTTP/1.1`,
    `host: ${target.host}`,
    'content-type: application/json',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n');
  const request = () => {
    const text = body();
    return `${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
  let done = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const line = new Line(target);
      try {
        while (performance.now() < end) {
          await line.exchange(request());
          done += 1;
        }
      } finally {
        line.close();
      }
    }),
  );
  return (done * 1000) / (performance.now() - began);
}

/**
 * Asks for so many seconds over `connections`; throws at an answer that is neither 2xx nor 304.
 *
 * @param {string} url
 * @param {{ connections: number, seconds: number, headers?: Record<string, string> }} options
 * @returns {Promise<number[]>} how long each took, ascending. Milliseconds
 */
export async function getTimes(url, { connections, seconds, headers = {} }) {
  const target = new URL(url);
  const lines = Object.entries({ host: target.host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const request = `GET ${target.pathname}${target.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const times = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const line = new Line(target);
      try {
        for (let began = performance.now(); began < end; began = performance.now()) {
          await line.exchange(request);
          times.push(performance.now() - began);
        }
      } finally {
        line.close();
      }
    }),
  );
  return times.sort((a, b) => a - b);
}

/** One connection. */
class Line {
  chunks = [];
  size = 0;
  /** Bytes of the answer that is coming; undefined until its head is there, NaN when it comes in chunks. */
  expected = undefined;

  constructor({ hostname, port }) {
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  exchange(request) {
    return new Promise((resolve, reject) => {
      Object.assign(this, { resolve, reject });
      this.socket.write(request);
    });
  }

  close() {
    this.socket.removeAllListeners('close').destroy();
  }

  fail(error) {
    this.reject?.(error);
  }

  take(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.expected === undefined) this.readHead();
    const isWhole = Number.isNaN(this.expected) ? this.endsWithLastChunk() : this.size >= this.expected;
    if (!isWhole) return;
    const answer = Buffer.concat(this.chunks);
    Object.assign(this, { chunks: [], size: 0, expected: undefined });
    if (/^HTTP\/1\.1 (2|304)/.test(answer.toString('latin1', 0, 12))) this.resolve();
    else this.reject(new Error(`answered ${answer.toString('utf8')}`));
  }

  readHead() {
    const begin = Buffer.concat(this.chunks);
    const headEnd = begin.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = begin.toString('latin1', 0, headEnd);
    const length = head.startsWith('HTTP/1.1 304') ? 0 : Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
    this.expected = headEnd + HEAD_END.length + length;
  }

  endsWithLastChunk() {
    const end = Buffer.concat(this.chunks.slice(-2));
    return end.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  }
}
