// What a changed weight costs at least: a record of its listener, the states of the listeners that changed meanwhile, and what all
// of them are in, written to NATS by one connection and read by another. Nothing is decided, and nothing is applied.
import { connectNats } from '../site.mjs';
import { offerSteadily } from '../load.mjs';
import { pause } from '../pause.mjs';
import { AckedPublisher } from '../acked-publisher.mjs';
import { answer } from '../alone/domain-of.mjs';

const COALESCE_MS = 25;
const STREAM = 'BARE_WEIGHTS';
const KEYS = 'bare.state';

const settings = JSON.parse(process.argv[2]);
const [writer, reader] = [await connectNats(settings), await connectNats(settings)];
const publisher = new AckedPublisher(writer);
const manager = await writer.jetstreamManager();
await manager.streams.add({
  name: STREAM,
  subjects: ['bare.record.>', `${KEYS}.>`],
  max_msgs_per_subject: 2,
});
let manifests = 0;
reader.subscribe(`${KEYS}.>`, {
  callback: (_error, message) => {
    const { generation } = JSON.parse(message.string());
    if (generation !== undefined) manifests = generation;
  },
});
await reader.flush();

answer(async ({ rate, seconds, listeners, each }) => {
  const states = Array.from({ length: listeners }, (_, n) => ({
    name: `web-${n}`,
    targets: Array.from({ length: each }, (_target, at) => ({
      address: '127.0.0.1',
      port: 10_000 + n * each + at,
      weight: 100,
    })),
  }));
  const changed = new Set();
  let [generation, working] = [manifests, undefined];
  const bring = async () => {
    await pause(COALESCE_MS);
    const now = [...changed];
    changed.clear();
    working = undefined;
    await Promise.all(now.map((n) => put(`${KEYS}.${n}`, states[n])));
    const names = states.map(({ name }) => ({ name, key: `${KEYS}.${name}` }));
    await put(`${KEYS}.manifest`, { generation: ++generation, listeners: names });
  };
  const { sent } = await offerSteadily(rate, seconds, (n) => {
    const at = n % listeners;
    states[at].targets[n % each].weight = 1 + (n % 99);
    changed.add(at);
    put(`bare.record.${at}`, states[at]).catch(fail);
    working ??= bring().catch(fail);
  });
  while (working) await working;
  while (manifests < generation) await pause(COALESCE_MS);
  return { sent };
});

function put(subject, value) {
  return publisher.append(subject, JSON.stringify(value));
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
