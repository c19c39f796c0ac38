// One forwarder in a process of its own: a driver with a listener for each server, or a bare pipe of node:net. Whichever it is,
// the same modules are loaded.
import { connect, createServer } from 'node:net';
import { answer } from './domain-of.mjs';
import { bring, listener, openPlane, target } from './plane.mjs';

const settings = JSON.parse(process.argv[2]);
const driver = settings.driver === 'pipe' ? undefined : openPlane(settings);

answer(
  async ({ servers }) => ({ ports: await (driver ? listen(servers) : Promise.all(servers.map(pipe))) }),
  () => driver?.close(),
);

async function listen(servers) {
  const wanted = servers.map((port, n) => listener(`to-${n}`, [target(port)]));
  const { listeners } = await bring(driver, wanted);
  return listeners.map(({ listensAt }) => listensAt.port);
}

function pipe(port) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, () => resolve(server.address().port)));
}
