import { createConnection, type Socket } from 'node:net';
import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../driver.js';
import { frame, FrameSplitter } from './frames.js';

/** What to look at, by what the system said. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no socket; VPP makes one with "socksvr { default }" in its startup.conf, perhaps at another path',
  ECONNREFUSED: 'nobody listens there: VPP is not running',
  EACCES: 'this user may not: add it to the group that owns the socket, in most packages vpp',
  ENOTSOCK: 'that is no socket',
};

/** What a socket brings, to who opened it. */
export interface SocketListener {
  /** One whole message, its number in front. What it throws ends the connection. */
  message(bytes: Buffer): void;
  /** The connection is over; once. */
  closed(why: Error): void;
}

/** A connection to the API socket of VPP, cut into messages. */
export class ApiSocket {
  private readonly splitter = new FrameSplitter();
  private over = false;

  private constructor(
    private readonly socket: Socket,
    private readonly path: string,
    private readonly listener: SocketListener,
  ) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.end(unavailable(this.path, error)));
    socket.on('close', () =>
      this.end(new CodedError('data-plane-unavailable', `VPP at ${this.path} closed the connection`)),
    );
  }

  /** Rejects with `data-plane-unavailable`, at the latest when the time is over. */
  static async open(path: string, listener: SocketListener, { deadlineMs }: Deadline): Promise<ApiSocket> {
    const socket = createConnection({ path });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(
          new CodedError(
            'data-plane-unavailable',
            `waited ${deadlineMs} ms for VPP to take a connection at ${path}`,
          ),
        );
      }, deadlineMs);
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(unavailable(path, error)));
      socket.once('close', () => clearTimeout(timer));
      socket.once('connect', () => clearTimeout(timer));
    });
    return new ApiSocket(socket, path, listener);
  }

  /** Behind all that was sent before. */
  send(message: Buffer): void {
    this.socket.write(frame(message));
  }

  /** Ends the connection; the listener hears why, unless it ended before. */
  end(why: Error): void {
    if (this.over) return;
    this.over = true;
    this.socket.destroy();
    this.listener.closed(why);
  }

  /** Sends what is not sent yet, and ends; the listener hears nothing. */
  finish(): void {
    this.over = true;
    this.socket.end(() => this.socket.destroy());
  }

  private read(chunk: Buffer): void {
    if (this.over) return;
    try {
      for (const message of this.splitter.push(chunk)) {
        if (this.over) return;
        this.listener.message(message);
      }
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function unavailable(path: string, error: Error): CodedError {
  const advice = 'code' in error ? ADVICE[String(error.code)] : undefined;
  return new CodedError('data-plane-unavailable', `VPP at ${path}: ${advice ?? error.message}`, [], {
    cause: error,
  });
}
