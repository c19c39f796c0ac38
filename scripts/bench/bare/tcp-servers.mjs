// What is behind a forwarder: a server that gives back what it gets, and one that sends as much as is taken.
import { createServer } from 'node:net';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

const echo = await listen((socket) => socket.pipe(socket));
const source = await listen((socket) => {
  const fill = () => {
    while (!socket.destroyed && socket.write(CHUNK));
  };
  socket.on('drain', fill).resume();
  fill();
});
process.on('disconnect', () => process.exit(0));
process.send({ echo, source });

function listen(serve) {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, () => resolve(server.address().port)));
}
