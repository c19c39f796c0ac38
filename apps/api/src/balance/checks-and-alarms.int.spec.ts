import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Alarm, CodedError, PLUGIN_API, SUBJECTS } from '@signalbox/contracts';
import { backendsProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, configured } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import { PluginWarnings } from '../changes/plugin-warnings.js';
import type { HealthCheckDto } from './healthchecks.dto.js';

const START_MS = 300_000;
const HTTP = { type: 'http', port: 80, interval: '200ms', timeout: '1s' };
let site: ApiSite;
let cast: BalanceCast;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  await cast.configure(
    configured('HealthCheck', 'ping', { type: 'icmp' }, { part: { source: 's', generation: 1 } }),
    configured('HealthCheck', 'http', HTTP),
  );
  for (const name of ['b2', 'b1', 'b3']) await cast.backend(name, 'up', { healthcheck: 'http' });
  await cast.backend('static', 'up');
  await cast.readable(backendsProjection, await cast.backend('b3', 'removed', { healthcheck: 'http' }));
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

it('lists health checks by name with the backends that use them', async () => {
  expect(await paged<HealthCheckDto>(site, '/v1/healthchecks', 1)).toEqual([
    { name: 'http', spec: HTTP, backends: ['b1', 'b2'], origin: { revision: 7 } },
    {
      name: 'ping',
      spec: { type: 'icmp' },
      backends: [],
      origin: { part: { source: 's', generation: 1 } },
    },
  ]);
});

it('shows one health check', async () => {
  expect((await site.call('/v1/healthchecks/http')).body).toMatchObject({ name: 'http', spec: HTTP });
  expect(await site.call('/v1/healthchecks/none')).toMatchObject({
    status: 404,
    body: { code: 'not-found' },
  });
});

it('X17 lists the alarms of whoever answers, by kind and name, and says when nobody does', async () => {
  const alarms = async (): Promise<unknown> => (await site.call('/v1/alarms')).body;
  expect(await site.call('/v1/alarms')).toMatchObject({ status: 503, body: { code: 'not-ready' } });

  const alarm = (kind: Alarm['kind'], name: string): Alarm => ({ kind, name, since: AT, text: 'down' });
  const ofBalancer = [alarm('frontend-down', 'web')];
  const ofHealth = [
    alarm('mass-failure', 'health'),
    { ...alarm('backend-down', 'b2'), silencedBy: 'MaintenanceWindow/night' },
    alarm('backend-down', 'b1'),
  ];
  const silent = (...names: string[]): unknown[] =>
    names.map((name) => expect.objectContaining({ kind: 'service-silent', name, reason: 'not-ready' }));
  const others = silent('dataplane-agent', 'federation', 'ingest', 'matcher', 'plugin-runner', 'sinks');
  cast.answer(SUBJECTS.ask('balancer', 'alarms'), () => ({ alarms: ofBalancer }));
  expect(await alarms()).toEqual({
    items: [
      ...ofBalancer,
      ...silent('dataplane-agent', 'federation', 'health', 'ingest', 'matcher', 'plugin-runner', 'sinks'),
    ],
  });
  cast.answer(SUBJECTS.ask('health', 'alarms'), () => ({ alarms: ofHealth }));
  expect(await alarms()).toEqual({
    items: [ofHealth[2], ofHealth[1], ofBalancer[0], ofHealth[0], ...others],
  });
  cast.leave(SUBJECTS.ask('health', 'alarms'));
  cast.answer(SUBJECTS.ask('health', 'alarms'), () => {
    throw new CodedError('not-ready', 'health is starting');
  });
  expect(await alarms()).toMatchObject({
    items: [{ kind: 'frontend-down' }, {}, {}, { name: 'health' }, {}, {}, {}, {}],
  });

  cast.answer(SUBJECTS.ask('matcher', 'alarms'), () => ({ alarms: [alarm('plugin-missing', 'claims')] }));
  expect((await site.call('/v1/status')).body).toMatchObject({
    alarms: { count: 8, first: [{ kind: 'frontend-down' }, { kind: 'plugin-missing' }, {}, {}, {}] },
  });
});

it('tells which nodes do not answer, and waits for one that is far away', async () => {
  const node = (name: string) => ({ node: name, alarms: [] });
  cast.leave(SUBJECTS.ask('balancer', 'alarms'));
  cast.answer(SUBJECTS.ask('balancer', 'alarms'), () => ({ alarms: [], nodes: ['far', 'lost', 'near'] }));
  cast.answer(SUBJECTS.ask('dataplane-agent', 'alarms'), () => node('near'));
  cast.answer(SUBJECTS.askNode('far', 'alarms'), () => node('far'));
  const { items } = (await site.call<{ items: Alarm[] }>('/v1/alarms')).body;
  const silent = items.filter(({ kind }) => kind === 'node-silent');
  expect(silent).toEqual([
    {
      ...{ kind: 'node-silent', name: 'lost', reason: 'not-ready', since: expect.any(String) },
      text: expect.stringContaining('the agent of node lost does not answer'),
    },
  ]);
  expect((await site.call<{ items: Alarm[] }>('/v1/alarms')).body.items).toContainEqual(silent[0]);
  expect(items).not.toContainEqual(expect.objectContaining({ name: 'dataplane-agent' }));
});

it('X15 warns of plugins that could not be run as they stand, and when nobody can say', async () => {
  const warnings = site.services.app.get(PluginWarnings);
  const plugin = {
    apiVersion: PLUGIN_API,
    kind: 'Plugin',
    metadata: { name: 'dos' },
    spec: { executable: '/plugins/dos' },
  };
  const place = {
    apiVersion: PLUGIN_API,
    kind: 'Plugin',
    project: 'default',
    name: 'dos',
    pointer: '/spec/executable',
  };
  const namesake = { ...plugin, apiVersion: 'other/v1' };
  expect(await warnings.of([plugin, namesake])).toEqual([
    { ...place, reason: 'not-ready', message: expect.stringContaining('was not checked') },
  ]);
  const fault = { pointer: '/spec/executable', reason: 'plugin-start-failed', message: 'why' };
  cast.answer(SUBJECTS.ask('plugin-runner', 'check-plugin'), () => ({ faults: [fault] }));
  expect(await warnings.of([plugin])).toEqual([{ ...place, ...fault }]);
});
