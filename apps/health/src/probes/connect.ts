import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Attempt } from './attempt.js';
import type { ProbeTarget } from './probe.js';
import { sourceOf } from './source-address.js';
import type { TlsSettings } from './tls-settings.js';

/** Opens a fresh TCP connection that the attempt closes when it is over. */
export function openTcp(target: ProbeTarget, attempt: Attempt, onOpen: (socket: Socket) => void): void {
  const source = sourceOf(target);
  const socket = connectTcp({
    host: target.address,
    port: target.port ?? 0,
    ...(source !== undefined && { localAddress: source }),
  });
  attempt.hold(() => socket.destroy());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.syscall === 'bind') attempt.failToReach(error, source);
    else attempt.break(error);
  });
  socket.once(
    'connect',
    attempt.step(() => onOpen(socket)),
  );
}

/**
 * Makes a TLS handshake on a connection that is open: this is the only place where TLS begins, so no probe has two
 * layers of it. Regression R15.
 */
export function openTls(
  socket: Socket,
  settings: TlsSettings,
  attempt: Attempt,
  onOpen: (socket: TLSSocket) => void,
): void {
  attempt.enter('L6');
  const secure = connectTls({ ...settings, socket });
  attempt.hold(() => secure.destroy());
  secure.on('error', (error) => attempt.break(error));
  secure.once(
    'secureConnect',
    attempt.step(() => onOpen(secure)),
  );
}

/** Connects and, with `settings`, makes the handshake. */
export function open(
  target: ProbeTarget,
  settings: TlsSettings | undefined,
  attempt: Attempt,
  onOpen: (socket: Socket) => void,
): void {
  openTcp(target, attempt, (socket) => {
    if (settings) openTls(socket, settings, attempt, onOpen);
    else onOpen(socket);
  });
}
