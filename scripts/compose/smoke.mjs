// The smoke tests, from outside: facts in by NATS, configuration out by REST.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { check } from './checks.mjs';
import { until } from './site.mjs';

export const OBSERVED = 'routerd.client.ipv4.observed';
const EXAMPLES = join(ROOT, 'examples', 'event-federation');

/** A fact about one address of the example's domain. */
export function observation(id, address) {
  const observedAt = new Date().toISOString();
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const payload = { domain: 'edge-lan', ownerSide: 'onprem' };
  return { id, subject: address, payload, observedAt, expiresAt };
}

/** The example's receiver. In a container it must listen on all addresses to be reached from outside. */
function receiver() {
  return readFileSync(join(EXAMPLES, 'receiver-cloud.yaml'), 'utf8').replace('127.0.0.1', '0.0.0.0');
}

/** The fact whose part a claim came from. */
export function factOf(claim) {
  return claim?.metadata.annotations['routerd.net/event-id'];
}

/** One site alone: a plugin of the image runs, its part is accepted, the config shows it. */
export async function checkOneSite(site) {
  await check('a file is applied', () =>
    site.apply(receiver().replaceAll('cloudedge', 'alone'), { listenPort: '20001' }),
  );
  const nats = await site.outsider();
  const asked = observation(`evt-${randomBytes(6).toString('hex')}`, '10.88.60.9/32');
  await check('a fact is acknowledged', async () => {
    const answer = await nats.request(`emit.alone.${OBSERVED}`, asked);
    if (answer.accepted !== true || answer.id !== asked.id) throw new Error(JSON.stringify(answer));
  });
  const sent = observation(`evt-${randomBytes(6).toString('hex')}`, '10.88.60.10/32');
  await check('a fact is queued', () => nats.publish(`events.alone.${OBSERVED}`, sent));
  for (const fact of [asked, sent]) {
    await check(`it starts the plugin, and the config has the claim of ${fact.subject}`, async () => {
      const run = await until('the end of the run', async () => {
        const { items } = await site.rest('GET', `/v1/runs?eventId=${fact.id}`);
        return items.find(({ state }) => state === 'succeeded' || state === 'failed');
      });
      if (run.state !== 'succeeded') throw new Error(JSON.stringify(run, undefined, 2));
      await until('the claim', async () => factOf((await site.claims()).get(fact.subject)) === fact.id);
      const parts = await site.all('/v1/parts?state=active');
      if (!parts.some(({ source }) => source === run.source))
        throw new Error(`no active part of ${run.source}`);
    });
  }
  await nats.close();
  await check('nobody publishes without a key', async () => {
    const anybody = await import('nats');
    const refused = await anybody.connect({ servers: site.natsUrl, maxReconnectAttempts: 0 }).then(
      async (nats) => {
        await nats.close();
        return false;
      },
      () => true,
    );
    if (!refused) throw new Error('NATS let somebody in who has no key');
  });
}

/** Two sites: what the first observes becomes a claim at the second. */
export async function checkTwoSites(onprem, cloud) {
  await check('both sites get the same secret and their side of the example', async () => {
    const secret = randomBytes(32).toString('hex');
    for (const { project, suffix } of [onprem, cloud])
      await project.compose(['run', '--rm', '-T', `setup${suffix}`, 'keep-secret', 'edge.key'], {
        input: secret,
      });
    await cloud.apply(receiver(), { listenPort: '20001' });
    const sender = readFileSync(join(EXAMPLES, 'sender-onprem.yaml'), 'utf8');
    await onprem.apply(sender, { peerUrl: 'http://site-b:20001' });
  });
  await check('a fact of the first site becomes a claim at the second', async () => {
    const nats = await onprem.publisher();
    const fact = observation(`evt-${randomBytes(6).toString('hex')}`, '10.88.60.251/32');
    const answer = await nats.request(`emit.cloudedge.${OBSERVED}`, fact);
    await nats.close();
    if (answer.accepted !== true) throw new Error(JSON.stringify(answer));
    await until('the claim', async () => factOf((await cloud.claims()).get(fact.subject)) === fact.id);
    if ((await onprem.claims()).has(fact.subject)) throw new Error('the first site has the claim too');
  });
}
