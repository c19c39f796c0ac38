import { spawn } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { expect } from '@jest/globals';
import type { ProbeCode } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { CERTIFICATE, KEY } from './certificates.fixture.js';
import type { ProbeTarget } from './probe.js';

/** How long a probe may take that is not to run into its deadline. Milliseconds. */
export const PATIENT_MS = 10_000;
/** The deadline of a probe that is to run into it. Milliseconds. */
export const HASTY_MS = 150;

/** A signal that nobody gives. */
export const NEVER = new AbortController().signal;

const ORDERLY: TlsOptions = { key: KEY, cert: CERTIFICATE };

/** Listens with room for two connections (Linux: backlog + 1), says where, and sleeps. */
const SLEEPER = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** What a test probes, each on a port of its own that `close` gives back. */
export class Servers {
  /** Connections that TCP servers took, and of these the open ones. */
  private taken = 0;
  private readonly open = new Set<Socket>();
  private readonly closers: (() => Promise<unknown> | void)[] = [];

  http(onRequest: RequestListener, host = '127.0.0.1'): Promise<number> {
    return this.listen(createHttpServer(onRequest), host);
  }

  https(onRequest: RequestListener, options: TlsOptions = ORDERLY): Promise<number> {
    return this.listen(createHttpsServer(options, onRequest));
  }

  tls(options: TlsOptions = ORDERLY, onSecure?: (socket: Socket) => void): Promise<number> {
    return this.listen(createTlsServer(options, onSecure));
  }

  tcp(onSocket: (socket: Socket) => void, port = 0): Promise<number> {
    return this.listen(createTcpServer({ noDelay: true }, onSocket), '127.0.0.1', port);
  }

  /** Sends `text` to whoever connects and has said something; then `end`s or keeps silent. */
  says(text: string, andThen: 'end' | 'silence' = 'silence'): Promise<number> {
    return this.tcp((socket) => {
      socket.once('data', () =>
        andThen === 'end' ? socket.end(text, 'latin1') : socket.write(text, 'latin1'),
      );
    });
  }

  async listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
    server.on('connection', (socket) => {
      this.taken += 1;
      this.open.add(socket);
      // A probe cuts its connection whenever it knows enough.
      socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(port, host);
    await once(server, 'listening');
    this.onClose(async () => {
      for (const socket of this.open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  /** `onOpen` gets the socket when it can send. */
  async udp(
    onMessage: (message: Buffer, from: RemoteInfo, socket: DatagramSocket) => void,
    onOpen?: (socket: DatagramSocket) => void,
  ): Promise<number> {
    const socket = createSocket('udp4');
    socket.on('message', (message, from) => onMessage(message, from, socket));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.onClose(() => new Promise<void>((resolve) => socket.close(resolve)));
    onOpen?.(socket);
    return socket.address().port;
  }

  /** Waits until so many connections were taken and all of them are over: nobody but the probes closes them. */
  async allClosed(count: number): Promise<void> {
    await until(`the end of ${count} connections`, () => this.taken === count && this.open.size === 0);
  }

  /** A port at which nobody listens. */
  async closedPort(protocol: 'tcp' | 'udp' = 'tcp'): Promise<number> {
    const other = new Servers();
    const port = await (protocol === 'tcp' ? other.tcp(() => undefined) : other.udp(() => undefined));
    await other.close();
    return port;
  }

  /** A port at which connections are no longer taken: its process sleeps, and its queue is full. */
  async fullPort(): Promise<number> {
    const child = spawn(process.execPath, ['-e', SLEEPER], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.onClose(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    for (let i = 0; i < 2; i += 1) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      this.onClose(() => void socket.destroy());
      await once(socket, 'connect');
    }
    return Number(port);
  }

  onClose(close: () => Promise<unknown> | void): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
    this.taken = 0;
    this.open.clear();
  }
}

export function target(
  type: ProbeTarget['type'],
  port: number,
  params: ProbeTarget['params'] = {},
  more: Partial<ProbeTarget> = {},
): ProbeTarget {
  return { type, address: '127.0.0.1', port, timeoutMs: PATIENT_MS, params, ...more };
}

/** What the result of a probe is to look like. */
export function result(code: ProbeCode, detail: unknown = expect.any(String)): Record<string, unknown> {
  return { ok: code.endsWith('OK'), layer: code.slice(0, 2), code, detail, durationMs: expect.any(Number) };
}
