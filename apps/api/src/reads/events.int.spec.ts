import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureStream, factsDefinition } from '@signalbox/bus';
import { factsProjection, Projector } from '@signalbox/store';
import type { Page } from '../domain/cursor.js';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { EventItemDto } from './events.dto.js';

const START_MS = 300_000;
const FAR = '2999-01-01T00:00:00Z';
let site: ApiSite;
let facts: Projector;

const events = (query = ''): Promise<Answer<Page<EventItemDto>>> =>
  site.call(`/v1/groups/default/events${query}`);
beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  await ensureStream(site.bus.manager, factsDefinition('default'), site.bus.log);
  facts = await Projector.start(site.bus, site.dataSource, factsProjection('default'));
}, START_MS);
afterAll(async () => {
  await facts.stop();
  await site.destroy();
}, START_MS);

describe('events', () => {
  it('are there as soon as they are accepted, in their wire form', async () => {
    const seq = await storeFact(site, factRecord('e1', '2026-01-01T00:00:00.000000001Z', FAR));
    expect(await site.call('/v1/groups/default/events/e1')).toMatchObject({
      status: 200,
      body: {
        id: 'e1',
        group: 'default',
        sourceNode: 'edge-1.test',
        type: 'address.observed',
        subject: '10.0.0.1/32',
        dedupeKey: 'e1',
        payload: { interface: 'eth0' },
        observedAt: '2026-01-01T00:00:00.000000001Z',
        expiresAt: FAR,
        seq,
        version: 1,
        own: true,
        way: 'rest',
        expired: false,
      },
    });
    for (let i = 0; i < 20; i += 1) {
      const id = `fresh${i}`;
      await storeFact(site, factRecord(id, '2026-01-02T00:00:00Z'));
      expect((await site.call(`/v1/groups/default/events/${id}`)).status).toBe(200);
    }
  });

  it('come by observedAt in nanoseconds, then id, page by page', async () => {
    await storeFact(site, factRecord('b', '2026-01-01T00:00:00.000000003Z'));
    await storeFact(site, factRecord('c', '2026-01-01T00:00:00.000000002Z'));
    await storeFact(site, factRecord('a', '2026-01-01T01:00:00.000000002+01:00'));
    const all = (await events('?limit=1000')).body.items.map(({ id }) => id);
    expect(all.slice(0, 4)).toEqual(['e1', 'a', 'c', 'b']);
    expect((await paged<EventItemDto>(site, '/v1/groups/default/events', 3)).map(({ id }) => id)).toEqual(
      all,
    );
  });

  it('X23 come newest first when asked for, page by page', async () => {
    const path = '/v1/groups/default/events';
    const oldest = (await paged<EventItemDto>(site, path, 1000)).map(({ id }) => id);
    const newest = (await paged<EventItemDto>(site, `${path}?order=newest`, 3)).map(({ id }) => id);
    expect(newest).toEqual(oldest.reverse());
    expect((await events('?order=best')).status).toBe(422);
  });

  it('are hidden when expired, unless asked for', async () => {
    await storeFact(site, factRecord('other-old', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'));
    const ids = async (query: string): Promise<string[]> =>
      (await events(query)).body.items.map(({ id }) => id);
    expect(await ids('?type=link.down')).toEqual([]);
    expect(await ids('?type=link.down&includeExpired=true')).toEqual(['other-old']);
    expect((await site.call('/v1/groups/default/events/other-old')).body).toMatchObject({ expired: true });
    expect(await ids('?source=somebody')).toEqual([]);
    expect(await ids('?subject=10.0.0.2/32')).toEqual([]);
  });

  it('say what is missing', async () => {
    const get = (path: string): ReturnType<ApiSite['call']> => site.call(path);
    expect(await get('/v1/groups/no.group/events')).toMatchObject({
      status: 404,
      body: { code: 'unknown-group' },
    });
    expect(await get('/v1/groups/default/events/none')).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
    expect(await get('/v1/runs/none')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await get('/v1/dead-letters/7')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await get('/v1/dead-letters/x')).toMatchObject({
      status: 422,
      body: { code: 'validation-failed' },
    });
    expect(await get('/v1/runs/%00')).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'after=x',
    'colour=red',
    'type=%00',
    'type=a&type=b',
    'includeExpired=perhaps',
  ])('refuse the query %s', async (query) => {
    const { status, body } = await events(`?${query}`);
    expect(status).toBe(422);
    const [name] = query.split('=');
    expect(body).toMatchObject({ code: 'validation-failed', errors: [{ pointer: `/${name}` }] });
  });
});
