// A peer that takes every push and counts: the other end of the wire, without anything behind it.
import { createServer } from 'node:http';

const none = () => ({ count: 0, bytes: 0, first: 0, last: 0 });
let seen = none();

const server = createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => {
    const now = performance.now();
    seen = { count: seen.count + 1, bytes: seen.bytes + bytes, first: seen.first || now, last: now };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"accepted":true,"id":"x","duplicate":false}');
  });
});
server.keepAliveTimeout = 60_000;

process.on('disconnect', () => process.exit(0));
process.on('message', (question) => {
  process.send({ seen });
  if (question === 'begin anew') seen = none();
});
server.listen(0, '127.0.0.1', () =>
  process.send({ ready: true, url: `http://127.0.0.1:${server.address().port}` }),
);
