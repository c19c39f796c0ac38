import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { ensureStream, factsDefinition } from '@signalbox/bus';
import { FEDERATION_API, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { deliveriesProjection, factsProjection, Projector } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { tryDelivery } from '../testing/activity.fixture.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { BalanceCast } from '../testing/balance.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { DeliveryItemDto } from './deliveries.dto.js';
import type { RunItemDto } from './runs.dto.js';

jest.setTimeout(60_000);

const START_MS = 60_000;
const PEERS = SUBJECTS.ask('federation', 'peers');
const AT = '2026-01-01T00:00:00Z';
const FAR = '2999-01-01T00:00:00Z';
let site: ApiSite;
let cast: BalanceCast;
let projectors: Projector[];

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  site.followJournal();
  await ensureStream(site.bus.manager, factsDefinition('default'), site.bus.log);
  cast = await BalanceCast.start(site);
  projectors = await Promise.all(
    [factsProjection('default'), deliveriesProjection].map((projection) =>
      Projector.start(site.bus, site.dataSource, projection),
    ),
  );
}, START_MS);
afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await cast.stop();
  await site.destroy();
}, START_MS);

async function declare(kind: string, name: string, spec: object): Promise<void> {
  const body = JSON.stringify({ apiVersion: FEDERATION_API, kind, metadata: { name }, spec });
  const headers = { 'content-type': 'application/json' };
  const answer = await site.call('/v1/apply', { method: 'POST', body, headers });
  expect(answer).toMatchObject({ body: { changed: true } });
}

const peer = (name: string, more: object = {}): Promise<void> =>
  declare('EventPeer', name, {
    groupRef: 'default',
    nodeName: `${name}-node`,
    endpoint: 'http://127.0.0.1:1',
    ...more,
  });

const lane = (name: string, more: object = {}): object => ({
  group: 'default',
  peer: name,
  doneUpTo: 0,
  due: 1,
  ...more,
});

const list = (query = ''): Promise<DeliveryItemDto[]> =>
  paged<DeliveryItemDto>(site, `/v1/deliveries${query}`, 2);

const seen = (items: readonly DeliveryItemDto[]): string[] =>
  items.map(({ eventId, node, status, attempts }) => `${eventId} ${node} ${status} ${attempts}`);

it('X18 facts that are due have rows with the node of the peer before anything was tried', async () => {
  await declare('EventGroup', 'default', { nodeName: 'edge-1.test', auth: { secretFile: '/s/k' } });
  await peer('east');
  await peer('west', { types: ['link.down'] });
  await storeFact(site, factRecord('a', AT, FAR));
  await storeFact(site, factRecord('b', AT));
  await storeFact(site, factRecord('old', AT, AT));
  await storeFact(site, factRecord('other', AT));
  const error = { code: 'secret-missing', message: 'the secret file /s/k does not exist' };
  cast.answer(PEERS, () => ({ peers: [lane('east', { error }), lane('west')] }));
  const items = await list();
  expect(seen(items)).toEqual([
    'other east-node pending 0',
    'b east-node pending 0',
    'a east-node pending 0',
    'other west-node pending 0',
  ]);
  expect(items[2]).toMatchObject({
    peer: 'east',
    lastAttempt: null,
    lastError: 'secret-missing: the secret file /s/k does not exist',
    deliveredAt: null,
    expiresAt: FAR,
  });
  expect(items[3]).toMatchObject({ lastError: null });
  expect(seen(await list('?peer=west-node&status=pending'))).toEqual(['other west-node pending 0']);
  expect(seen(await list('?eventId=a'))).toEqual(['a east-node pending 0']);
  expect(await list('?status=delivered')).toEqual([]);
});

it('X18 a recorded try takes the place of the row, and a refresh that waits that of the delivery', async () => {
  await tryDelivery(site, 'a', 'east', 0);
  const seq = await tryDelivery(site, 'b', 'east', 2);
  await storeFact(site, { ...factRecord('a', AT, FAR), change: 'refresh', version: 2 });
  const mark = await site.services.app.get(Watermarks).waitFor('deliveries', STREAMS.activity, seq, 10_000);
  expect(mark).toBeDefined();
  cast.leave(PEERS);
  cast.answer(PEERS, () => ({ peers: [lane('east', { doneUpTo: 1 }), lane('west', { due: 0 })] }));
  expect(seen(await list('?peer=east-node'))).toEqual([
    'a east-node pending 0',
    'other east-node pending 0',
    // the fixture's tries speak of the record 1, so the fact of b counts as never tried
    'b east-node pending 0',
  ]);
  cast.leave(PEERS);
  cast.answer(PEERS, () => ({ peers: [lane('east', { due: 0 }), lane('west', { due: 0 })] }));
  expect(seen(await list())).toEqual(['b east-node pending 2', 'a east-node delivered 1']);
});

it('X18 while federation is silent its silence is the reason', async () => {
  cast.leave(PEERS);
  const [item] = await list('?peer=west');
  expect(item).toMatchObject({ eventId: 'other', status: 'pending' });
  expect(item?.lastError).toMatch(/^not-ready: federation does not answer/);
});

it('X16 the list of runs says which subscriptions wait for a plugin, and for how many facts', async () => {
  const spec = {
    groupRef: 'default',
    match: { types: ['a.b'] },
    trigger: { pluginRef: 'to-claim' },
  };
  await declare('EventSubscription', 'claims', spec);
  await site.dataSource.query(
    `insert into pending_facts (subscription, lineage, group_name, seq, revision, matched)
     values ('claims', 'l1', 'default', 1, 1, '{}'), ('claims', 'l2', 'default', 2, 1, '{}'),
            ('other', 'l3', 'default', 3, 1, '{}')`,
  );
  const { body } = await site.call<{ items: RunItemDto[]; waiting?: unknown }>('/v1/runs');
  expect(body).toEqual({
    items: [],
    waiting: [{ subscription: 'claims', waitsFor: 'Plugin/to-claim', reason: 'plugin-missing', facts: 2 }],
  });
  expect((await site.call('/v1/runs?subscription=other')).body).toEqual({ items: [] });
});
