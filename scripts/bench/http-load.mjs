// POSTs over kept connections, one in flight on each, with as little work of its own as can be.
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

/** One connection. */
class Line {
  received = Buffer.alloc(0);

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
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.received.toString('latin1', 0, headEnd);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    const rest = this.received.length - headEnd - HEAD_END.length;
    const isWhole =
      length === undefined
        ? this.received.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
        : rest >= Number(length);
    if (!isWhole) return;
    const answer = this.received;
    this.received = Buffer.alloc(0);
    if (/^HTTP\/1\.1 2/.test(head)) this.resolve();
    else this.reject(new Error(`answered ${answer.toString('utf8')}`));
  }
}
