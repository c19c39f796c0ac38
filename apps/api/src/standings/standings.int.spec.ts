import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { ensureStream, factsDefinition } from '@signalbox/bus';
import { FEDERATION_API, PLUGIN_API, SUBJECTS } from '@signalbox/contracts';
import { factsProjection, Projector } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { paged } from '../testing/paged.fixture.js';

const START_MS = 300_000;
jest.setTimeout(60_000);
let site: ApiSite;
let facts: Projector;

const declare = async (...resources: readonly [string, string, string, object][]): Promise<void> => {
  const body = resources
    .map(([apiVersion, kind, name, spec]) => JSON.stringify({ apiVersion, kind, metadata: { name }, spec }))
    .join('\n---\n');
  const headers = { 'content-type': 'application/yaml' };
  const answer = await site.call('/v1/apply', { method: 'POST', body, headers });
  expect(answer).toMatchObject({ body: { changed: true } });
};
const run = (id: string, subscription: string, plugin: string, state: string, at: string): Promise<unknown> =>
  site.dataSource.query(`insert into runs values ($1, $2, $3, 'default', 'x', $4, array['e1'], $5, 1, $6)`, [
    id,
    subscription,
    plugin,
    state,
    at,
    JSON.stringify({ runId: id, state, plannedAt: at }),
  ]);
const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
const namesIn = async (path: string): Promise<string[]> =>
  (await site.call<{ items: { name: string }[] }>(path)).body.items.map(({ name }) => name);

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  site.followJournal();
  await ensureStream(site.bus.manager, factsDefinition('default'), site.bus.log);
  facts = await Projector.start(site.bus, site.dataSource, factsProjection('default'));
  const subscription = (pluginRef: string, more: object = {}): object => ({
    ...{ groupRef: 'default', match: { types: ['address.observed'] }, trigger: { pluginRef } },
    ...more,
  });
  const plugin = { executable: '/p', sha256: 'a'.repeat(64), capabilities: ['propose.dynamicConfig'] };
  await declare(
    [PLUGIN_API, 'Plugin', 'p1', plugin],
    [PLUGIN_API, 'Plugin', 'p2', { ...plugin, suspend: true }],
    [FEDERATION_API, 'EventSubscription', 's1', subscription('p1')],
    [FEDERATION_API, 'EventSubscription', 's2', subscription('p2')],
    [FEDERATION_API, 'EventSubscription', 's3', subscription('p3', { suspend: true })],
  );
  await run('r1', 's1', 'p1', 'succeeded', at(1));
  await run('r2', 's1', 'p1', 'failed', at(2));
  await run('r3', 's1', 'p1', 'running', at(3));
  await run('r4', '', 'p1', 'queued', at(4));
  for (const lineage of ['a', 'b'])
    await site.dataSource.query(`insert into pending_facts values ('s2', 'default', $1, 1, 1, '{}')`, [
      lineage,
    ]);
}, START_MS);
afterAll(async () => {
  await facts.stop();
  await site.destroy();
}, START_MS);

it('groups: how many facts, how much room they take, and the newest', async () => {
  expect((await site.call('/v1/groups/default')).body).toMatchObject({
    ...{ name: 'default', facts: 0, bytes: 0, peers: 0, subscriptions: 3 },
  });
  await storeFact(site, factRecord('e1', '2026-01-02T00:00:00Z'));
  await storeFact(site, factRecord('e2', '2026-01-01T00:00:00Z'));
  await site.call('/v1/groups/default/events');
  const { items } = (await site.call<{ items: Record<string, unknown>[] }>('/v1/groups')).body;
  expect(items).toMatchObject([
    { facts: 2, newest: { id: 'e1', observedAt: '2026-01-02T00:00:00Z' }, bytes: expect.any(Number) },
  ]);
  expect((await site.call('/v1/groups/none')).body).toMatchObject({ code: 'unknown-group' });
});

it('subscriptions: their runs, what waits, and for what', async () => {
  expect((await site.call('/v1/subscriptions/s1')).body).toEqual({
    ...{ name: 's1', group: 'default', plugin: 'p1', suspended: false, types: ['address.observed'] },
    runs: { queued: 0, running: 1, retrying: 0, proposed: 0, failed: 1 },
    lastRun: { runId: 'r3', state: 'running', plannedAt: at(3) },
    waiting: 0,
  });
  expect((await site.call('/v1/subscriptions/s2')).body).toMatchObject({
    ...{ waiting: 2, waitsFor: 'Plugin/p2', reason: 'plugin-suspended' },
  });
  expect(await namesIn('/v1/subscriptions?sort=-name')).toEqual(['s3', 's2', 's1']);
  expect(await namesIn('/v1/subscriptions?plugin=p2')).toEqual(['s2']);
  expect(await namesIn('/v1/subscriptions?group=none')).toEqual([]);
  const all = await paged<{ name: string }>(site, '/v1/subscriptions?sort=-name', 1);
  expect(all.map(({ name }) => name)).toEqual(['s3', 's2', 's1']);
  expect((await site.call('/v1/subscriptions/none')).body).toMatchObject({ code: 'not-found' });
});

it('plugins: whether they can be run, or why not, and their runs', async () => {
  const { body } = await site.call('/v1/plugins/p1');
  expect(body).toMatchObject({
    ...{ mode: 'oneshot', executable: '/p', suspended: false, subscriptions: 1 },
    runs: { queued: 1, running: 1, failed: 1 },
    lastRun: { runId: 'r4' },
  });
  expect(body).not.toHaveProperty('usable'); // nobody says
  const fault = { kind: 'plugin-unusable', name: 'p2', reason: 'plugin-untrusted', since: at(1), text: 'no' };
  const answers = site.bus.connection.subscribe(SUBJECTS.ask('plugin-runner', 'alarms'), {
    callback: (_error, message) => void message.respond(JSON.stringify({ alarms: [fault] })),
  });
  expect((await site.call('/v1/plugins')).body).toMatchObject({
    items: [
      { name: 'p1', usable: true },
      { name: 'p2', usable: false, reason: 'plugin-untrusted', message: 'no', suspended: true },
    ],
  });
  answers.unsubscribe();
  expect((await site.call('/v1/plugins/none')).body).toMatchObject({ code: 'not-found' });
});

it.each([
  ['/v1/runs?since=2026-01-01T00:00:02Z', ['r4', 'r3', 'r2']],
  ['/v1/runs?until=2026-01-01T00:00:02Z', ['r1']],
  ['/v1/runs?sort=plannedAt&plugin=p1', ['r1', 'r2', 'r3', 'r4']],
  ['/v1/runs?since=1h', []],
])('runs are listed by %s', async (path, ids) => {
  const { body } = await site.call<{ items: { runId: string }[] }>(path);
  expect(body.items.map(({ runId }) => runId)).toEqual(ids);
});

it('runs are listed oldest first, page by page, while others come', async () => {
  const first = await site.call<{ items: { runId: string }[]; next: string }>(
    '/v1/runs?sort=plannedAt&limit=2&state=failed,running',
  );
  expect(first.status).toBe(422); // one state only
  const page = await site.call<{ items: { runId: string }[]; next: string }>('/v1/runs?limit=2');
  await run('r9', 's9', 'p9', 'queued', at(9));
  const rest = await site.call<{ items: { runId: string }[] }>(`/v1/runs?limit=9&after=${page.body.next}`);
  expect([...page.body.items, ...rest.body.items].map(({ runId }) => runId)).toEqual([
    'r4',
    'r3',
    'r2',
    'r1',
  ]);
});

it('lists give the members that are asked for', async () => {
  expect((await site.call('/v1/runs?fields=runId,state&limit=1&sort=plannedAt')).body).toMatchObject({
    items: [{ runId: 'r1', state: 'succeeded' }],
    next: expect.any(String),
  });
  const { body } = await site.call<{ items: object[] }>('/v1/runs?fields=runId&limit=1');
  expect(Object.keys(body.items[0] ?? {})).toEqual(['runId']);
});

it.each([
  ['/v1/runs?fields=colour', '/fields', 'runId'],
  ['/v1/runs?sort=colour', '/sort', '-plannedAt, plannedAt'],
  ['/v1/runs?since=yesterday', '/since', 'RFC 3339'],
  ['/v1/groups/default/events?until=', '/until', 'RFC 3339'],
  ['/v1/plugins?sort=at', '/sort', 'name, -name'],
])('%s is refused, saying what there is', async (path, pointer, said) => {
  expect(await site.call(path)).toMatchObject({
    status: 422,
    body: { code: 'validation-failed', errors: [{ pointer, message: expect.stringContaining(said) }] },
  });
});

it('facts of a time are listed', async () => {
  const ids = async (query: string): Promise<string[]> =>
    (
      await site.call<{ items: { id: string }[] }>(`/v1/groups/default/events?includeExpired=true&${query}`)
    ).body.items.map(({ id }) => id);
  expect(await ids('since=2026-01-01T12:00:00Z')).toEqual(['e1']);
  expect(await ids('until=2026-01-01T12:00:00Z')).toEqual(['e2']);
  expect(await ids('sort=-observedAt')).toEqual(['e1', 'e2']);
});
