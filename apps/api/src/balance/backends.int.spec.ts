import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BackendVitals, CodedError, SUBJECTS } from '@signalbox/contracts';
import { backendsProjection, frontendsProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, configured, target } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { BackendDto, BackendItemDto, TransitionDto } from './backends.dto.js';

const START_MS = 300_000;
const PART = { source: 'EventSubscription/claims/00', generation: 2 };
let site: ApiSite;
let cast: BalanceCast;

const names = async (query = ''): Promise<string[]> =>
  (await paged<BackendItemDto>(site, `/v1/backends${query}`, 2)).map(({ name }) => name);
const get = async (name: string): Promise<BackendDto> => {
  const { status, body } = await site.call<BackendDto>(`/v1/backends/${name}`);
  expect(status).toBe(200);
  return body;
};

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

it('has none at first', async () => {
  expect((await site.call('/v1/backends')).body).toEqual({ items: [] });
});

describe('backends', () => {
  beforeAll(async () => {
    await cast.configure(
      configured('Backend', 'b1', { address: '10.0.0.1', healthcheck: 'http' }),
      configured('Backend', 'b2', { address: '10.0.0.2' }, { part: PART }),
    );
    for (const name of ['b4', 'b2', 'b1', 'b3']) await cast.backend(name, 'unknown');
    await cast.backend('b1', 'up', { healthcheck: 'http' });
    const by = { author: 'anna', reason: 'kernel' };
    await cast.backend('b3', 'disabled', { result: { ok: false, code: 'disabled', detail: '' }, by });
    const last = await cast.backend('b4', 'removed');
    await cast.frontend('web', { targets: [target('primary', 'b1'), target('fallback', 'b2')] });
    const seq = await cast.frontend('api', {
      targets: [target('primary', 'b1'), target('second', 'b1', 0)],
    });
    await cast.readable(backendsProjection, last);
    await cast.readable(frontendsProjection, seq);
  });

  it('come by name, page by page, removed ones only when asked for', async () => {
    expect(await names()).toEqual(['b1', 'b2', 'b3']);
    expect(await names('?state=removed')).toEqual(['b4']);
    expect(await names('?state=unknown')).toEqual(['b2']);
    expect(await names('?state=down')).toEqual([]);
  });

  it('tell their newest record and who uses them', async () => {
    const { items } = (await site.call<{ items: BackendItemDto[] }>('/v1/backends')).body;
    expect(items[0]).toEqual({
      name: 'b1',
      address: '10.0.0.1',
      healthcheck: 'http',
      state: 'up',
      enabled: true,
      since: AT,
      at: AT,
      version: 2,
      result: { ok: true, layer: 'L7', code: 'L7OK', detail: 'now up' },
      frontends: ['api', 'web'],
    });
    expect(items[1]).not.toHaveProperty('healthcheck');
    expect(items[2]).toMatchObject({
      state: 'disabled',
      enabled: false,
      by: { author: 'anna', reason: 'kernel' },
      frontends: [],
    });
  });

  it('tell where they come from', async () => {
    expect((await get('b1')).origin).toEqual({ revision: 7 });
    expect((await get('b2')).origin).toEqual({ part: PART });
    expect(await get('b3')).not.toHaveProperty('origin');
  });

  it('have the last five transitions with them, or as many as the HealthChecker says', async () => {
    const versions = async (): Promise<number[]> =>
      (await get('b2')).transitions.map(({ version }) => version);
    expect((await get('b1')).transitions).toEqual([
      {
        version: 2,
        at: AT,
        from: 'unknown',
        to: 'up',
        result: expect.objectContaining({ detail: 'now up' }),
      },
      { version: 1, at: AT, to: 'unknown', result: expect.objectContaining({ code: 'L7OK' }) },
    ]);
    let seq = 0;
    for (let i = 0; i < 7; i += 1) seq = await cast.backend('b2', i % 2 === 0 ? 'up' : 'down');
    await cast.readable(backendsProjection, seq);
    expect(await versions()).toEqual([8, 7, 6, 5, 4]);
    await cast.configure(configured('HealthChecker', 'default', { transitionHistory: 2 }));
    expect(await versions()).toEqual([8, 7]);
    const all = await paged<TransitionDto>(site, '/v1/backends/b2/transitions', 3);
    expect(all.map(({ version }) => version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('show what only health knows, while it answers and they are not removed', async () => {
    expect(await get('b1')).not.toHaveProperty('vitals');
    const vitals: BackendVitals = { counter: 4, max: 4, rise: 2, fall: 3, intervalMs: 200 };
    cast.answer<{ backend: string }>(SUBJECTS.ask('health', 'backend'), ({ backend }) => {
      if (backend === 'b3') throw new CodedError('not-found', 'there is no backend "b3"');
      return { ...vitals, degraded: backend };
    });
    expect((await get('b1')).vitals).toEqual({ ...vitals, degraded: 'b1' });
    expect(await get('b3')).not.toHaveProperty('vitals');
    expect(await get('b4')).not.toHaveProperty('vitals');
    expect((await get('b4')).state).toBe('removed');
  });

  it.each(['/v1/backends/none', '/v1/backends/none/transitions'])('say what is missing: %s', async (path) => {
    expect(await site.call(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    ['/v1/backends?state=broken', '/state'],
    ['/v1/backends?after=x', '/after'],
    ['/v1/backends?colour=red', '/colour'],
    ['/v1/backends?project=a/b', '/project'],
    ['/v1/backends/b1?project=Lab', '/project'],
    ['/v1/backends/b1/transitions?limit=0', '/limit'],
  ])('refuse %s', async (path, pointer) => {
    expect(await site.call(path)).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer }] },
    });
  });
});
