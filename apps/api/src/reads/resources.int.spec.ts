import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BALANCE_API, FEDERATION_API } from '@signalbox/contracts';
import type { Problem } from '@signalbox/runtime';
import type { ApplyResult } from '../changes/apply-answers.js';
import type { Page } from '../domain/cursor.js';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import type { ResourceItemDto } from './resources.dto.js';

const START_MS = 60_000;
const NET_API = 'net.routerd.net/v1alpha1';
let site: ApiSite;

const apply = <T = ApplyResult>(...resources: object[]): Promise<Answer<T>> =>
  site.call<T>('/v1/apply', {
    method: 'POST',
    body: resources.map((one) => JSON.stringify(one)).join('\n---\n'),
    headers: { 'content-type': 'application/yaml' },
  });
const resource = (apiVersion: string, kind: string, name: string, spec: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const pathOf = (kind: string, name: string): string => `/v1/resources/${kind}/${encodeURIComponent(name)}`;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  site.useContext(
    JSON.parse(readFileSync(join(site.config.stateDir, 'context.json'), 'utf8')) as SiteContext,
  );
  site.followJournal();
}, START_MS);
afterAll(() => site.destroy(), START_MS);

it('X9 two groups may have a kind of one name; Kind.group says which is meant', async () => {
  const ours = resource(BALANCE_API, 'HealthCheck', 'wan', { type: 'icmp', interval: '1s', timeout: '1s' });
  const theirs = resource(NET_API, 'HealthCheck', 'wan', { type: 'ping', role: 'next-hop' });
  expect((await apply(ours, theirs)).status).toBe(200);

  const list = async (kind: string): Promise<string[]> => {
    const { body } = await site.call<Page<ResourceItemDto>>(`/v1/resources?kind=${kind}`);
    return body.items.map((item) => item.resource.apiVersion);
  };
  expect(await list('HealthCheck')).toEqual([BALANCE_API, NET_API]);
  expect(await list('HealthCheck.net.routerd.net')).toEqual([NET_API]);

  const bare = await site.call<Problem>(pathOf('HealthCheck', 'wan'));
  expect(bare).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
  expect(bare.body.detail).toContain('HealthCheck.balance.signalbox.dev');
  const named = await site.call<ResourceItemDto>(pathOf('HealthCheck.net.routerd.net', 'wan'));
  expect(named.body.resource).toEqual(theirs);
  expect((await site.call(pathOf('HealthCheck', 'wan'), { method: 'DELETE' })).status).toBe(422);
  expect((await site.call(pathOf('HealthCheck.net.routerd.net', 'wan'), { method: 'DELETE' })).status).toBe(
    200,
  );
  expect(await list('HealthCheck')).toEqual([BALANCE_API]);
});

it('X10 what has no effect is told by the answer and by the resource, and is not stored', async () => {
  const group = resource(FEDERATION_API, 'EventGroup', 'kept', {
    nodeName: 'a_1',
    when: { enabled: true },
  });
  const theirs = resource('config.routerd.net/v1alpha1', 'DynamicConfigPart', 'kept', {});
  const { status, body } = await apply({ ...group, status: { phase: 'Applied' } }, theirs);
  expect(status).toBe(200);
  expect(body.warnings).toMatchObject([
    { kind: 'EventGroup', name: 'kept', pointer: '/spec/when', reason: 'accepted-without-effect' },
    { kind: 'DynamicConfigPart', name: 'kept', pointer: '/kind', reason: 'accepted-without-effect' },
  ]);
  const item = (await site.call<ResourceItemDto>(pathOf('EventGroup', 'kept'))).body;
  expect(item.resource).toEqual(group);
  expect(item.status.conditions).toMatchObject([{ type: 'WithoutEffect', pointer: '/spec/when' }]);
  const again = await apply({ ...item.resource, status: item.status });
  expect(again.body).toMatchObject({ changed: false });
});

it('X10 what a Router says beside its resources has no effect, and is told by the answer', async () => {
  const group = resource(FEDERATION_API, 'EventGroup', 'routed', { nodeName: 'a_1' });
  const router = resource('routerd.net/v1alpha1', 'Router', 'lab', {
    reconcile: { mode: 'progressive' },
    resources: [group],
  });
  const { status, body } = await apply(router);
  expect(status).toBe(200);
  expect(body.warnings).toMatchObject([
    { kind: 'Router', name: 'lab', pointer: '/spec/reconcile', reason: 'accepted-without-effect' },
  ]);
  expect((await site.call<ResourceItemDto>(pathOf('EventGroup', 'routed'))).body.resource).toEqual(group);
});

it('X43 a kind that nobody knows is no empty list', async () => {
  const lists = async (kind: string): Promise<Answer<Problem>> =>
    site.call<Problem>(`/v1/resources?kind=${kind}`);
  expect(await lists('EventGrup')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect((await lists('EventGrup')).body.detail).toContain('did you mean EventGroup?');
  expect((await lists('all')).status).toBe(404);
  expect((await site.call<Problem>(pathOf('EventGrup', 'a'))).body.detail).toContain('EventGroup');
  expect((await site.call<Problem>(pathOf('EventGrup', 'a'), { method: 'DELETE' })).body.detail).toContain(
    'EventGroup',
  );
  expect((await lists('Plugin')).status).toBe(200);
  expect((await lists('BGPRouter')).status).toBe(200);
  expect((await apply(resource('example.net/v1', 'Gadget', 'a'))).status).toBe(200);
  expect((await lists('Gadget')).status).toBe(200);
  expect((await lists('Gadgett')).body.detail).toContain('did you mean Gadget?');
});

it('X43 a misspelt kind is refused with its code', async () => {
  const { status, body } = await apply<Problem>(resource(BALANCE_API, 'Backnd', 'a'));
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'unknown-kind', errors: [{ pointer: '/0/kind' }] });
});

const NAMES = [
  'a/b',
  'a/../b',
  '%2F',
  'a%2Fb',
  '%25',
  'a?b=c',
  'a#b',
  'a&b',
  '...',
  'ü',
  '名'.repeat(40),
  '名'.repeat(253),
  'n'.repeat(253),
  '-',
  'a:b',
  'a;b',
  '\\',
  '"',
  '~1',
];
it.each(NAMES)('X14 a resource called %s can be got, found and deleted', async (name) => {
  for (const [apiVersion, kind] of [
    ['example.net/v1', 'Widget'],
    [NET_API, 'Interface'],
  ] as const) {
    expect((await apply(resource(apiVersion, kind, name))).status).toBe(200);
    const got = await site.call<ResourceItemDto>(pathOf(kind, name));
    expect(got).toMatchObject({ status: 200, body: { resource: { metadata: { name } } } });
    const found = await site.call<Page<ResourceItemDto>>(
      `/v1/resources?name=${encodeURIComponent(name)}&kind=${kind}`,
    );
    expect(found.body.items).toHaveLength(1);
    expect((await site.call(pathOf(kind, name), { method: 'DELETE' })).status).toBe(200);
    expect((await site.call(pathOf(kind, name))).status).toBe(404);
  }
});

it.each(['.', '..', 'a\nb', 'a b'])('X14 no resource can be called %j', async (name) => {
  const { status, body } = await apply<Problem>(resource('example.net/v1', 'Widget', name));
  expect(status).toBe(422);
  expect(body.errors).toMatchObject([{ pointer: '/0/metadata/name' }]);
});
