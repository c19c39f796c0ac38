import { FEDERATION_API } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import { GoPeer } from '../e2e/go-peer.js';
import { resource, subscription } from '../e2e/manifests.js';
import { emit, endedRun, runsOf } from '../e2e/site-activity.js';
import { LONG_EXPIRY } from './recording-plugins.js';
import { NODE, type RecordingSite } from './recording-site.js';

const GROUP = 'default';
const EDGE = 'edge';
const ORIGIN = 'cloud-1';
const SECRET = 'of nobody';
const FIRST_EXPIRY = '2098-01-01T00:00:00Z';
const OBSERVED = '2026-05-30T12:00:00Z';

/** Facts by every way in, first, again, with a longer lease and with other content; late ones; what a peer may not send. */
export async function factsComeIn(recording: RecordingSite): Promise<void> {
  const { site, nats } = recording;
  const fact = (id: string, change: object = {}): object => ({
    id,
    type: 'way.seen',
    subject: id,
    payload: { serial: '1' },
    observedAt: OBSERVED,
    ...change,
  });
  const rest = async (body: object): Promise<void> =>
    void (await site.rest('POST', `/v1/groups/${GROUP}/events`, body));
  const request = async (body: object): Promise<void> =>
    void (await nats.request(`emit.${GROUP}.way.seen`, JSON.stringify(body), { timeout: 30_000 }));
  const pub = async (body: object): Promise<void> => recording.append(`events.${GROUP}.way.seen`, body);
  const travel = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    correlationId: 'order-1',
    causationId: 'click-1',
  };
  const leased = { ...travel, expiresAt: FIRST_EXPIRY };
  for (const [way, send] of Object.entries({ rest, request, pub })) {
    await send(fact(`way-${way}`, leased));
    await send(fact(`way-${way}`, leased));
    await send(fact(`way-${way}`, { ...leased, expiresAt: LONG_EXPIRY }));
    await send(fact(`way-${way}`, { payload: { serial: '2' } }));
  }
  const lineage = { dedupeKey: 'lineage', subject: 'lineage' };
  await rest(fact('lineage-newer', { ...lineage, observedAt: '2026-05-30T12:00:01Z' }));
  await rest(fact('lineage-older', lineage));
  await nats.jetstream().publish(`events.${GROUP}.way.seen`, 'no JSON');
  await recording.untilRows(
    'the last message to be buried',
    `select 1 from dead_letters where subject like 'events.%'`,
  );
  await peerPushes(recording);
}

async function peerPushes(recording: RecordingSite): Promise<void> {
  const secretFile = await recording.addSecret('edge.key', SECRET);
  const port = await freePort();
  const group = { nodeName: NODE, auth: { mode: 'hmac', secretFile } };
  const listen = { address: '127.0.0.1', port };
  await recording.apply(resource(FEDERATION_API, 'EventGroup', EDGE, { ...group, listen }));
  const peer = new GoPeer(`http://127.0.0.1:${port}`, SECRET);
  await until('the group to listen', async () => (await peer.status()).group === EDGE);
  const pushed = {
    id: 'pushed',
    group: EDGE,
    sourceNode: ORIGIN,
    type: 'push.seen',
    subject: 'pushed',
    dedupeKey: 'pushed',
    payload: { serial: '1' },
    observedAt: OBSERVED,
    expiresAt: FIRST_EXPIRY,
    originSequence: 7,
  };
  const signed = peer.sign(pushed);
  await peer.send(signed);
  await peer.send(signed);
  await peer.push({ ...pushed, expiresAt: LONG_EXPIRY });
  await peer.push({ ...pushed, payload: { serial: '2' } });
  await peer.push({ ...pushed, id: 'elsewhere', group: 'another' });
  // whoever starts a site on the history needs no port for it
  await recording.apply(resource(FEDERATION_API, 'EventGroup', EDGE, group));
}

/** A peer gets facts, or knows them, or refuses one, or takes one the second time. */
export async function factsAreDelivered(recording: RecordingSite): Promise<void> {
  const spec = { groupRef: EDGE, nodeName: ORIGIN, endpoint: recording.peerUrl, types: ['out.seen'] };
  await recording.apply(resource(FEDERATION_API, 'EventPeer', 'cloud', spec));
  for (const subject of ['taken', 'known', 'late', 'refused']) {
    const fact = { type: 'out.seen', subject, payload: { serial: '1' } };
    await emit(recording.site, { ...fact, id: `out-${subject}` }, EDGE);
    await emit(recording.site, { ...fact, id: `out-${subject}-leased`, expiresAt: LONG_EXPIRY }, EDGE);
  }
  await recording.untilRows(
    'all deliveries to be over',
    `select 1 from deliveries where state in ('delivered', 'dead') and peer = 'cloud' having count(*) = 8`,
  );
}

/** Facts go by number and by age: before a run took them, before a peer got them. */
export async function factsArePruned(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const secretFile = await recording.addSecret('kept.key', SECRET);
  const group = (name: string, retention: object): ReturnType<typeof resource> =>
    resource(FEDERATION_API, 'EventGroup', name, { nodeName: NODE, auth: { secretFile }, retention });
  const away = { groupRef: 'kept', nodeName: ORIGIN, endpoint: 'http://127.0.0.1:9' };
  const { spec, ...waits } = subscription('kept-waits', 'kept.seen', 'never-declared');
  await recording.apply(
    group('kept', {}),
    group('aged', { maxAge: '1s' }),
    resource(FEDERATION_API, 'EventPeer', 'away', away),
    { ...waits, spec: { ...spec, groupRef: 'kept' } },
  );
  for (const id of ['kept-1', 'kept-2', 'kept-3', 'kept-4'])
    await emit(site, { id, type: 'kept.seen', subject: id, payload: { serial: '1' } }, 'kept');
  await emit(site, { id: 'aged-1', type: 'aged.seen', subject: 'aged-1' }, 'aged');
  await recording.apply(group('kept', { maxEvents: 2 }));
  for (const id of ['kept-1', 'kept-2']) await endedRun(site, 'kept-waits', id);
  await recording.untilRows('what the peer never got to be told', RETENTION_LETTER);
  await until('the fact to be too old', async () => {
    const events = await site.all('/v1/groups/aged/events?includeExpired=true');
    return events.length === 0;
  });
  await recording.delete('EventPeer', 'away');
  const states = (await runsOf(site, 'kept-waits')).map(({ state }) => state);
  if (states.some((state) => state !== 'skipped')) throw new Error(`runs are ${states.join()}, not skipped`);
}

const RETENTION_LETTER = `select 1 from dead_letters where code = 'retention' and about like '%"kept"%'`;
