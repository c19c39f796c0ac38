// The admin socket of HAProxy, barely: one line, all of its answer.
import { connect } from 'node:net';

export function tellHaproxy(path, line) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ path, allowHalfOpen: true }).setEncoding('utf8');
    socket.on('data', (text) => (answer += text));
    socket.on('end', () => resolve(answer)).on('error', reject);
    socket.end(`${line}\n`);
  });
}
