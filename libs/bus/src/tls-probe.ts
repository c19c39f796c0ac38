import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsFiles } from './tls-files.js';

/** How long a server may take to say what it has against us. Milliseconds. */
const PROBE_MS = 2000;

/**
 * What a NATS server says to our certificate, or to none: the code of its alert, undefined when it says nothing. With TLS 1.3 a server
 * looks at a certificate after the client has finished, and the client of NATS waits for an answer until its time is over.
 */
export async function alertOf(address: URL, { cert, key }: TlsFiles): Promise<string | undefined> {
  const socket = connect(Number(address.port || 4222), address.hostname.replace(/^\[|\]$/g, ''));
  return new Promise((resolve) => {
    const end = (code?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(code);
    };
    const timer = setTimeout(end, PROBE_MS);
    const failed = (error: NodeJS.ErrnoException): void => end(error.code);
    socket.once('error', failed).once('close', () => end());
    // the server greets in the clear, and TLS begins after that
    socket.once('data', () => handshake(socket, { ...(cert && { cert }), ...(key && { key }) }, failed));
  });
}

function handshake(socket: Socket, files: TlsFiles, failed: (error: NodeJS.ErrnoException) => void): void {
  // whether it is the right server was found before; nothing is sent to it here
  const secured = connectTls({ socket, ...files, rejectUnauthorized: false });
  secured.once('error', failed).resume();
}
