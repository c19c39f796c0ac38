// A new peer catches up with everything that is still alive, beside bare POSTs of the same bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { AckedPublisher } from './acked-publisher.mjs';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { until } from './pause.mjs';
import { perUnit, processorTime } from './processor-time.mjs';
import { apply, rest, withSite } from './site.mjs';
import { FactSource } from './world.mjs';

const FACTS = { full: 20_000, quick: 2000 };
const GROUP = 'fed';
const TYPE = 'bench.federated';
/** POSTs at once, as many as we have under way to one peer. */
const CONNECTIONS = 32;
const WINDOW = 256;
const CAUGHT_UP_MS = 240_000;

/** Measures how fast a peer that is new gets what is there. */
export async function benchFederation(frame) {
  const facts = frame.scaled(FACTS.full, FACTS.quick);
  frame.title('federation, services');
  const row = frame.row({
    figure: `catch-up of ${facts.toLocaleString('en-US')} facts, one peer`,
    unit: '/s',
    perUnit: 'fact',
    limitName: `bare POSTs of the same bytes, ${CONNECTIONS} kept connections`,
    goals: [demand('ratio', { atLeast: 0.5, stretch: 0.7 })],
  });
  const peer = await startChild('bare/peer.mjs');
  try {
    await withSite({ separate: true }, async (site) => {
      await declareGroup(site);
      await fill(frame, site, facts);
      for (const round of frame.rounds) {
        const ours = await frame.measured(`catch-up, round ${round}`, () =>
          catchUp(site, peer, round, facts),
        );
        row.add(ours.result.rate, { cpu: ours.result.cpu, condition: ours.condition });
        const bodies = sameBytes(facts, ours.result.bytes);
        const bare = await frame.measured(`bare POSTs, round ${round}`, () => postAll(peer, bodies));
        row.addLimit(bare.result, { condition: bare.condition });
      }
    });
  } finally {
    await peer.stop();
  }
  row.close();
}

async function declareGroup(site) {
  const secrets = join(site.state, 'secrets');
  const secretFile = join(secrets, 'peer.key');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  writeFileSync(secretFile, 'a key of the bench\n', { mode: 0o600 });
  await apply(
    site,
    `apiVersion: federation.routerd.net/v1alpha1
kind: EventGroup
metadata: {name: ${GROUP}}
spec: {nodeName: bench-node, auth: {mode: hmac, secretFile: ${secretFile}}}
`,
  );
}

async function fill(frame, site, facts) {
  frame.progress(`federation: ${facts} facts to deliver`);
  const nc = await site.connect();
  const publisher = new AckedPublisher(nc);
  const source = new FactSource(TYPE);
  let left = facts;
  await Promise.all(
    Array.from({ length: WINDOW }, async () => {
      while (left-- > 0) await publisher.offer(`emit.${GROUP}.${TYPE}`, source.next().text);
    }),
  );
  await nc.close();
}

/** Declares a peer that nobody had before; returns the rate from the first push to the last. */
async function catchUp(site, peer, round, facts) {
  await peer.ask('begin anew');
  const before = processorTime([{ pid: site.pid }]);
  await apply(
    site,
    `apiVersion: federation.routerd.net/v1alpha1
kind: EventPeer
metadata: {name: peer-${round}}
spec: {groupRef: ${GROUP}, nodeName: peer-${round}, endpoint: '${peer.told.url}'}
`,
  );
  const seen = await until(
    'the peer to catch up',
    async () => {
      const told = (await peer.ask('how many')).seen;
      return told.count >= facts ? told : undefined;
    },
    CAUGHT_UP_MS,
    50,
  );
  const cpu = perUnit(before, processorTime([{ pid: site.pid }]), facts);
  await rest(site, 'DELETE', `/v1/resources/EventPeer/peer-${round}`);
  return { rate: rateOf(seen), bytes: seen.bytes, cpu };
}

function rateOf({ count, first, last }) {
  return ((count - 1) * 1000) / (last - first);
}

/** Bodies of the size that was pushed. */
function sameBytes(count, bytes) {
  const body = Buffer.alloc(Math.round(bytes / count), 0x20);
  body.write('{"id":"bench"');
  body.write('}', body.length - 1);
  return Array.from({ length: count }, () => body);
}

/** Posts them all; returns the rate as the peer saw it. */
async function postAll(peer, bodies) {
  await peer.ask('begin anew');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS });
  const url = new URL('/v1/events', peer.told.url);
  const post = (body) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const posted = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume().on('end', resolve);
      });
      posted.on('error', reject).end(body);
    });
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < bodies.length) await post(bodies[next++]);
    }),
  );
  agent.destroy();
  return rateOf((await peer.ask('how many')).seen);
}
