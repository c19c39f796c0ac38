// A TCP server of npm run demo:lb: node demo-tcp-server.mjs NAME PORT. Says its name to whoever connects, then echoes
// what it is told. Ends when its stdin does.
import { createServer } from 'node:net';

const [name, port] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.write(`${name}\n`);
  socket.pipe(socket);
});
server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
process.stdin.resume().on('end', () => process.exit(0));
