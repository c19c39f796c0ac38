// From a weight change to the end of the first connection after it, by the driver and by a bare write to the same socket.
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { tellHaproxy } from '../bare/haproxy-socket.mjs';
import { answer } from './domain-of.mjs';
import { bring, listener, openPlane, target } from './plane.mjs';

const settings = JSON.parse(process.argv[2]);
const driver = openPlane({ driver: 'haproxy', ...settings });
const socket = join(settings.state, 'stats.sock');
const servers = [await startNamed('a'), await startNamed('b')];
let at;

answer(
  async ({ seconds }) => {
    at ??= (await bring(driver, state(0))).listeners[0].listensAt.port;
    const [ours, bare] = [[], []];
    let [wrong, chosen] = [0, 0];
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      for (const [times, change] of [
        [ours, (to) => bring(driver, state(to))],
        [bare, (to) => tellHaproxy(socket, commands(to))],
      ]) {
        chosen = 1 - chosen;
        const began = performance.now();
        await change(chosen);
        const name = await nameFrom(at);
        times.push(performance.now() - began);
        if (name !== servers[chosen].name) wrong += 1;
      }
    }
    return { ours: ours.sort(ascending), bare: bare.sort(ascending), wrong };
  },
  () => driver.close(),
);

/** Everything to one of the two. */
function state(to) {
  return [
    listener(
      'web',
      servers.map(({ port }, n) => target(port, n === to ? 100 : 0)),
    ),
  ];
}

/** What the driver says as well: the one that gets all first, so that nobody is refused in between. */
function commands(to) {
  const name = (n) => `web/127.0.0.1:${servers[n].port}`;
  const [up, down] = [name(to), name(1 - to)];
  return [
    `set server ${up} weight 100`,
    `set server ${up} state ready`,
    `set server ${down} state maint`,
    `set server ${down} weight 0`,
  ].join(';');
}

function startNamed(name) {
  const server = createServer((client) => client.on('error', () => undefined).end(name));
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve({ name, port: server.address().port })),
  );
}

function nameFrom(port) {
  return new Promise((resolve, reject) => {
    let name = '';
    const client = connect({ host: '127.0.0.1', port, noDelay: true }).setEncoding('utf8');
    client
      .on('data', (text) => (name += text))
      .on('end', () => resolve(name))
      .on('error', reject);
  });
}

function ascending(a, b) {
  return a - b;
}
