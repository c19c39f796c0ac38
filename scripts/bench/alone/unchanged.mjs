// An apply that changes nothing beside the least that tells so: the state as text and, of HAProxy, its file and its servers.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tellHaproxy } from '../bare/haproxy-socket.mjs';
import { answer } from './domain-of.mjs';
import { bring, listener, openPlane, target } from './plane.mjs';

const settings = JSON.parse(process.argv[2]);
const driver = openPlane(settings);
let desired;

answer(
  async ({ listeners, targets, times }) => {
    desired ??= await stand(listeners, targets);
    const [ours, least] = [[], []];
    let writes = 0;
    for (let n = 0; n < times; n += 1) {
      const wanted = structuredClone(desired);
      let began = performance.now();
      writes += (await bring(driver, wanted)).writes;
      ours.push(performance.now() - began);
      began = performance.now();
      await look(wanted);
      least.push(performance.now() - began);
    }
    return { ours: median(ours), least: median(least), writes };
  },
  () => driver.close(),
);

async function stand(listeners, targets) {
  const places = Array.from({ length: targets }, (_, n) => target(1000 + n));
  const wanted = Array.from({ length: listeners }, (_, n) =>
    listener(`web-${String(n).padStart(5, '0')}`, places),
  );
  await bring(driver, wanted);
  return wanted;
}

async function look(wanted) {
  const texts = [JSON.stringify(wanted)];
  if (settings.driver === 'haproxy')
    texts.push(
      await readFile(join(settings.state, 'haproxy.cfg'), 'utf8'),
      await tellHaproxy(join(settings.state, 'stats.sock'), 'show servers state'),
    );
  return texts;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
