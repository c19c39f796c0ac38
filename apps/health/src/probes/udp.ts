import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Attempt } from './attempt.js';
import type { ProbeTarget } from './probe.js';
import { openFailure, sourceOf } from './source-address.js';

/**
 * Sends one datagram and judges the first answer. The socket is connected: only the target can answer, and a port
 * that is closed is told by the kernel (ICMP) as a refused connection.
 */
export function probeUdp(target: ProbeTarget, attempt: Attempt): void {
  const { address, port = 0, params } = target;
  const source = sourceOf(target);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  // Whatever the kernel says of a datagram is about reaching the target.
  const giveUp = (error: Error): void => attempt.fail('L4CON', openFailure(error, source));
  attempt.hold(() => socket.close());
  socket.on('error', giveUp);
  socket.once(
    'message',
    attempt.step((answer: Buffer) => judge(answer.toString('utf8'), params.expect, attempt)),
  );
  const send = attempt.step((error?: Error) => {
    if (error) return giveUp(error);
    attempt.enter('L7');
    socket.send(params.send ?? '', (failure) => failure && giveUp(failure));
  });
  socket.bind(
    { ...(source !== undefined && { address: source }) },
    attempt.step(() => socket.connect(port, address, send)),
  );
}

function judge(answer: string, expect: string | undefined, attempt: Attempt): void {
  if (expect !== undefined && !answer.includes(expect)) {
    return attempt.fail('L7RSP', `the answer does not contain ${expect}`);
  }
  attempt.pass('L7OK', `${Buffer.byteLength(answer)} bytes answered`);
}
