import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { expect } from '@jest/globals';
import type { ProbeCode } from '@signalbox/contracts';
import { SocketServers } from '@signalbox/testing';
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
export class Servers extends SocketServers {
  http(onRequest: RequestListener, host = '127.0.0.1'): Promise<number> {
    return this.listen(createHttpServer(onRequest), host);
  }

  https(onRequest: RequestListener, options: TlsOptions = ORDERLY): Promise<number> {
    return this.listen(createHttpsServer(options, onRequest));
  }

  tls(options: TlsOptions = ORDERLY, onSecure?: (socket: Socket) => void): Promise<number> {
    return this.listen(createTlsServer(options, onSecure));
  }

  /** Sends `text` to whoever connects and has said something; then `end`s or keeps silent. */
  says(text: string, andThen: 'end' | 'silence' = 'silence'): Promise<number> {
    return this.tcp((socket) => {
      socket.once('data', () =>
        andThen === 'end' ? socket.end(text, 'latin1') : socket.write(text, 'latin1'),
      );
    });
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
