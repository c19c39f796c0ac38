// A target: node line-server.mjs NAME PORT, on all addresses. Says its name to whoever connects, then echoes what it is told.
import { createServer } from 'node:net';
import { answering } from './answering.mjs';

const [name, port] = process.argv.slice(2);
const sockets = new Set();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  socket.write(`${name}\n`);
  socket.pipe(socket);
});
const listen = () => new Promise((resolve) => server.listen(Number(port), '0.0.0.0', () => resolve()));

await answering({
  listen,
  /** Takes no new connections; those that stand go on. */
  refuse: () => void server.close(),
  connections: () => sockets.size,
});
