import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.fixture.js';

let server: Server | undefined;
const open = new Set<Socket>();
afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A server that treats every connection badly; gives back its port. */
async function listen(treat: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    treat(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Does something once the request has come. */
const answering = (answer: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => answer(socket));

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Writes a piece again and again, as fast as it is read or every 50 ms, until the connection is gone. */
function forEver(socket: Socket, piece: string, everyMs = 0): void {
  const next = (): void => {
    // also when the other side has closed: a write that fails at once would be made again for ever
    if (!socket.writable) return;
    if (everyMs > 0) setTimeout(() => socket.write(piece, next), everyMs).unref();
    else socket.write(piece, next);
  };
  next();
}

const BAD_SERVERS: readonly [string, (socket: Socket) => void, RegExp][] = [
  ['closes at once', (socket) => socket.destroy(), /closed|ECONNRESET|EPIPE/],
  ['ends at once', (socket) => socket.end(), /closed|ECONNRESET/],
  ['resets at once', (socket) => void socket.resetAndDestroy(), /ECONNRESET|closed/],
  ['closes after the request', answering((socket) => socket.destroy()), /without an answer/],
  ['closes in the status line', answering((socket) => socket.end('HTTP/1.1 2')), /closed|HTTP/],
  ['closes in a header', answering((socket) => socket.end(`${HEAD}x-a`)), /closed|HTTP/],
  [
    'closes in the body',
    answering((socket) => socket.end(`${HEAD}content-length: 100\r\n\r\n{"a"`)),
    /in the middle of the answer/,
  ],
  [
    'resets in a chunk',
    answering((socket) => {
      socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\nff\r\n{"a"`, () => socket.resetAndDestroy());
    }),
    /ECONNRESET|middle of the answer/,
  ],
  ['says nothing', () => undefined, /no answer within 1 s/],
  ['sends garbage', answering((socket) => socket.end(Buffer.alloc(64, 0xa5))), /does not speak HTTP/],
  [
    'speaks TLS',
    answering((socket) => socket.end(Buffer.from('15030100020246', 'hex'))),
    /does not speak HTTP .*https:/,
  ],
  ['sends headers for ever', answering((socket) => forEver(socket, `${HEAD}x-a: b\r\n`)), /HTTP|within 1 s/],
  [
    'drips a body for ever',
    answering((socket) => {
      socket.write(`${HEAD}\r\n`);
      forEver(socket, ' ', 50);
    }),
    /no answer within 1 s/,
  ],
  ['answers 502 with HTML', answering((socket) => socket.end('HTTP/1.1 502 Bad\r\n\r\n<html>')), /HTTP 502/],
];

/** One of every shape: read, change, upload, answer in pieces, stream. */
const COMMANDS = [
  ['status', ''],
  ['set backend web1 disable --reason x', ''],
  ['apply -f -', 'kind: X\n'],
  ['projections verify', ''],
  ['watch events', ''],
] as const;

describe.each(BAD_SERVERS)('X30 a server that %s', (_, treat, reason) => {
  // those that are waited for take a second each
  const commands = String(reason).includes('within') ? [COMMANDS[0], COMMANDS[4]] : COMMANDS;
  it.each(commands)('%s ends with 6 and says why', async (line, stdin) => {
    const url = `http://127.0.0.1:${await listen(treat)}`;
    const { code, out, err } = await runCommand([...line.split(' '), '--url', url, '--timeout', '1'], {
      stdin,
    });
    // the head of an answer that breaks off later shows already that it is no stream of ours
    expect({ code, out }).toEqual({ code: 6, out: '' });
    if (/watch|verify/.test(line) && err.includes('does not answer like')) return;
    expect(err).toMatch(/^signalbox: unreachable: http:\/\/127\.0\.0\.1:\d+ cannot be reached: /);
    expect(err).toMatch(reason);
    expect(err).toMatch(/\nnext: /);
  });
});

describe('X30 an answer that is not ours', () => {
  it.each([
    ['HTML', `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>`],
    ['JSON that is cut', `${HEAD}\r\n{"a"`],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'],
    ['no type', 'HTTP/1.1 200 OK\r\n\r\n{}'],
    ['JSON that was not asked for', `${HEAD}\r\n{"name": "elsewhere"}`],
    ['a list', `${HEAD}\r\n[]`],
  ])('%s ends with 6', async (_, answer) => {
    const url = `http://127.0.0.1:${await listen(answering((socket) => socket.end(answer)))}`;
    const { code, err } = await runCommand(['status', '--url', url]);
    expect(code).toBe(6);
    expect(err).toContain('unexpected-answer');
  });

  it('a body without an end ends with 6, and the connection is closed', async () => {
    const port = await listen(
      answering((socket) => {
        socket.write(`${HEAD}\r\n"`);
        forEver(socket, 'x'.repeat(65_536));
      }),
    );
    const { code } = await runCommand(['status', '--url', `http://127.0.0.1:${port}`, '--timeout', '1']);
    expect(code).toBe(6);
    for (const socket of open)
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  });

  it('https:// to a server that speaks plain HTTP ends with 6 and says so', async () => {
    const port = await listen(answering((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { code, err } = await runCommand(['status', '--url', `https://127.0.0.1:${port}`]);
    expect(code).toBe(6);
    expect(err).toContain('does not speak TLS; is it http:// that listens there?');
  });
});
