import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Attempt } from './attempt.js';
import type { ProbeTarget } from './probe.js';
import { sourceOf } from './source-address.js';

/**
 * Sends one datagram; `onAnswer` gets whatever comes back until there is a result. The socket is connected: only the
 * target can answer, and a port that is closed is told by the kernel (ICMP) as a refused connection.
 */
export function askByDatagram(
  target: ProbeTarget,
  attempt: Attempt,
  bytes: Buffer,
  onAnswer: (answer: Buffer) => void,
): void {
  const { address, port = 0 } = target;
  const source = sourceOf(target);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const giveUp = (error: Error): void => attempt.failToReach(error, source);
  attempt.hold(() => socket.close());
  socket.on('error', giveUp);
  socket.on('message', attempt.step(onAnswer));
  const send = attempt.step((error?: Error) => {
    if (error) return giveUp(error);
    attempt.enter('L7');
    socket.send(bytes, (failure) => failure && giveUp(failure));
  });
  socket.bind(
    { ...(source !== undefined && { address: source }) },
    attempt.step(() => socket.connect(port, address, send)),
  );
}
