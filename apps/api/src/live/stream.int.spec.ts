import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type BackendRecord, type FrontendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { backendsProjection, frontendsProjection, nodesProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, target } from '../testing/balance.fixture.js';
import { EventSource, type ReceivedEvent } from '../testing/event-source.fixture.js';
import { STREAM_LIMITS } from './stream-limits.js';

type Data = Partial<BackendRecord> & Partial<FrontendRecord> & { type: string; synthetic?: true };

const START_MS = 300_000;
let site: ApiSite;
let cast: BalanceCast;
const opened: EventSource<Data>[] = [];

const open = async (query = '', lastEventId?: string): Promise<EventSource<Data>> => {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const source = await EventSource.open<Data>(site, `/v1/stream${query}`, headers);
  opened.push(source);
  expect(source.response.status).toBe(200);
  return source;
};
/** What an event tells, in short. */
const told = ({ data }: ReceivedEvent<Data>): string =>
  `${data?.synthetic ? '= ' : ''}${data?.backend ?? data?.frontend} ${data?.version} ${data?.to}`;
const first = async (source: EventSource<Data>, count: number): Promise<string[]> => {
  await source.until(() => source.events.length >= count);
  return source.events.map(told);
};
const seqs = (id = ''): number[] => id.split('.').map(Number);

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
}, START_MS);
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.splice(0).map((source) => source.close()));
});
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

it('starts with nothing but a position when there is nothing yet', async () => {
  const source = await open();
  await source.until(() => source.lastId !== undefined);
  expect(source.lastId).toBe('0.0.0');
  await cast.readable(backendsProjection, await cast.backend('b1', 'unknown'));
  expect(await first(source, 1)).toEqual(['b1 1 unknown']);
});

describe('with backends and frontends', () => {
  beforeAll(async () => {
    await cast.backend('b2', 'unknown');
    await cast.backend('b1', 'up');
    await cast.backend('b3', 'up');
    await cast.frontend('web', { targets: [target('primary', 'b2', 0), target('primary', 'b1')] });
    await cast.frontend('web', { targets: [target('primary', 'b1', 50)] });
    await cast.readable(frontendsProjection, await cast.frontend('old'));
    await cast.readable(frontendsProjection, await cast.frontend('old', { to: 'removed' }));
    await cast.readable(backendsProjection, await cast.backend('b3', 'removed'));
  });

  it('is an event stream that nothing on its way may hold back', async () => {
    const { response } = await open();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(response.headers.get('content-encoding')).toBeNull();
  });

  it('tells the present state first, then what is recorded', async () => {
    const source = await open();
    expect(await first(source, 3)).toEqual(['= b1 2 up', '= b2 1 unknown', '= web 2 up']);
    expect(source.blocks[0]).toEqual({ retry: '1000' });
    const [b1, , web] = source.events;
    expect(b1).toEqual({
      event: 'backend',
      data: {
        type: 'backend',
        backend: 'b1',
        version: 2,
        at: AT,
        from: 'up',
        to: 'up',
        since: AT,
        result: { ok: true, layer: 'L7', code: 'L7OK', detail: 'now up' },
        address: '10.0.0.1',
        synthetic: true,
      },
    });
    expect(web).toMatchObject({
      event: 'frontend',
      id: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      data: {
        type: 'frontend',
        from: 'up',
        to: 'up',
        activePool: 'primary',
        targets: [target('primary', 'b1', 50), target('primary', 'b2', 0)],
        gone: [],
      },
    });

    const backendSeq = await cast.backend('b2', 'up');
    await first(source, 4);
    const frontendSeq = await cast.frontend('web', { targets: [target('primary', 'b2')] });
    expect((await first(source, 5)).slice(3)).toEqual(['b2 2 up', 'web 3 up']);
    const [live, next] = source.events.slice(3);
    expect(live).toMatchObject({ event: 'backend', data: { type: 'backend', from: 'unknown', to: 'up' } });
    expect(live?.data).not.toHaveProperty('synthetic');
    expect(seqs(live?.id)).toEqual([backendSeq, seqs(web?.id)[1], 0]);
    expect(seqs(next?.id)).toEqual([backendSeq, frontendSeq, 0]);
  });

  it('gives a position only when all of the present state was sent', async () => {
    const source = await open();
    await first(source, 3);
    expect(source.events.map(({ id }) => id !== undefined)).toEqual([false, false, true]);
  });

  it.each([
    ['?kind=backend', ['= b1 up', '= b2 up'], ['b1 down', 'b2 down']],
    ['?kind=frontend', ['= web down'], ['web down']],
    ['?name=b1', ['= b1 down'], ['b1 down']],
    ['?kind=backend&kind=frontend&name=b2,web', ['= b2 down', '= web down'], ['b2 down', 'web down']],
    ['?kind=backend,frontend&name=other', [], ['other up']],
  ])('filters by %s', async (query, present, live) => {
    const source = await open(query);
    await source.until(() => source.lastId !== undefined);
    const frontends = await cast.frontend('web', { to: 'down' });
    await cast.backend('b2', 'down');
    if (query.includes('other')) await cast.backend('other', 'up');
    const backends = await cast.backend('b1', 'down');
    await source.until(() => source.events.length >= present.length + live.length);
    await cast.readable(backendsProjection, backends);
    await cast.readable(frontendsProjection, frontends);
    const seen = source.events.map((event) => told(event).replace(/ \d+/, ''));
    expect(seen.slice(0, present.length)).toEqual(present);
    expect(seen.slice(present.length).sort()).toEqual(live);
  });

  it('resumes with exactly the events that were missed, wherever it was cut off', async () => {
    const source = await open();
    await source.until(() => source.lastId !== undefined);
    const present = source.events.length;
    for (let i = 0; i < 10; i += 1) {
      await cast.backend('b1', i % 2 === 0 ? 'up' : 'down');
      if (i % 3 === 0) await cast.frontend('web');
    }
    await source.until(() => source.events.length === present + 14);
    const live = source.events.slice(present);
    for (const [index, { id }] of live.entries()) {
      const resumed = await open('', id);
      const missed = live.slice(index + 1).map(told);
      // the two kinds come each at its own pace: one more of each says that everything before it is here
      const last = [await cast.backend('b2', 'up'), await cast.frontend('zz')];
      await resumed.until(() =>
        last.every((seq, kind) => resumed.events.some((event) => seqs(event.id)[kind] === seq)),
      );
      const got = resumed.events.map(told).filter((one) => !/^(?:b2|zz) /.test(one));
      expect([...got].sort()).toEqual([...missed].sort());
      await resumed.close();
    }
  });

  it('has ids that only move forward', async () => {
    const source = await open('', '0.0.0');
    const [backend, frontend] = [await cast.backend('b1', 'up'), await cast.frontend('web')];
    await source.until(() => source.lastId === `${backend}.${frontend}.0`);
    const ids = source.events.map(({ id }) => seqs(id));
    for (const kind of [0, 1]) {
      const positions = ids.map((id) => id[kind] ?? -1);
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    }
  });

  it('begins anew with an id that this stream has not reached', async () => {
    const source = await open('?kind=frontend&name=web', '900000.900000.900000');
    expect(await first(source, 1)).toEqual([expect.stringMatching(/^= web /)]);
  });

  it('F15 begins with the present state behind an id whose records are no longer kept, as a stream without one', async () => {
    const source = await open();
    await source.until(() => source.lastId !== undefined);
    const before = source.lastId;
    await source.close();
    // what came in between is purged, as a compaction does it: the record of it first
    await cast.backend('b1', 'down');
    const upTo = await cast.frontend('web', { to: 'down' });
    await cast.readable(frontendsProjection, upTo);
    await cast.readable(backendsProjection, await cast.backend('b2', 'down'));
    await site.bus.publisher.publishJson(SUBJECTS.compaction, { upTo, at: AT });
    for (const filter of [SUBJECTS.allBackendActivity, SUBJECTS.allFrontendActivity])
      await site.bus.manager.streams.purge(STREAMS.activity, { filter, seq: upTo + 1 });

    const [anew, resumed] = [await open(), await open('', before)];
    for (const one of [anew, resumed]) await one.until(() => one.lastId !== undefined);
    expect(resumed.events.map(told)).toEqual(anew.events.map(told));
    expect(resumed.events.map(told)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^= b1 \d+ down$/),
        expect.stringMatching(/^= web \d+ down$/),
      ]),
    );
    const later = await cast.backend('b1', 'up');
    await resumed.until(() => seqs(resumed.lastId)[0] === later);
    expect(told(resumed.events.at(-1)!)).toMatch(/^b1 \d+ up$/);

    // who wants backends only is asked for no more than their position
    const backends = await open('?kind=backend', `${later}.0.0`);
    await cast.backend('b2', 'up');
    expect(await first(backends, 1)).toEqual([expect.stringMatching(/^b2 \d+ up$/)]);
  });

  it('tells of nodes: what they serve now, then what they report', async () => {
    const served = { name: 'web', state: 'applied', generation: 1, digest: 'd' } as const;
    await cast.node('n1', { listeners: [served, { ...served, name: 'old' }] });
    await cast.readable(nodesProjection, await cast.node('n1', { appliedGeneration: 2, gone: ['old'] }));
    const source = await open('?kind=node');
    await source.until(() => source.events.length === 1);
    expect(source.events[0]).toMatchObject({
      event: 'node',
      data: {
        node: 'n1',
        version: 2,
        state: 'ready',
        appliedGeneration: 2,
        listeners: [served],
        synthetic: true,
      },
    });
    const last = await cast.node('n2', { state: 'waiting' });
    await source.until(() => source.events.length === 2);
    const { data, id } = source.events[1]!;
    expect(data).toMatchObject({ type: 'node', node: 'n2', state: 'waiting' });
    expect(seqs(id)[2]).toBe(last);
    const named = await open('?name=n2');
    await named.until(() => named.events.length === 1);
    expect(named.events[0]?.data).toMatchObject({ node: 'n2', synthetic: true });
  });

  it('passes over a record that cannot be read', async () => {
    const source = await open('?kind=backend&name=b1');
    await source.until(() => source.lastId !== undefined);
    const { length } = source.events;
    await site.bus.publisher.publish(SUBJECTS.backendActivity('b1'), Buffer.from('{'));
    await cast.backend('b1', 'down');
    expect((await first(source, length + 1)).at(-1)).toMatch(/^b1 \d+ down$/);
  });

  it('keeps the connection alive by comments', async () => {
    jest.replaceProperty(STREAM_LIMITS, 'pingMs', 5);
    const source = await open();
    await source.until(() => source.comments.length >= 2);
    expect(source.comments.slice(0, 2)).toEqual(['ping', 'ping']);
  });

  it('is refused beyond the limit, until somebody leaves', async () => {
    jest.replaceProperty(STREAM_LIMITS, 'streams', 2);
    const [one] = [await open(), await open()];
    expect(await site.call('/v1/stream')).toMatchObject({
      status: 503,
      body: { code: 'not-ready', retryable: true },
    });
    await one?.close();
    for (let isFree = false; !isFree;) {
      const next = await EventSource.open<Data>(site, '/v1/stream');
      opened.push(next);
      isFree = next.response.status === 200;
    }
  });

  it('needs a token and leaves nothing open for HEAD', async () => {
    expect(await site.call('/v1/stream', { anonymous: true })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect((await site.call('/v1/stream', { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['?kind=pool', '/kind'],
    ['?kind=', '/kind'],
    ['?kind=backend,pool', '/kind'],
    ['?name=%00', '/name'],
    [`?name=${'a,'.repeat(100)}a`, '/name'],
    ['?colour=red', '/colour'],
  ])('is refused with %s', async (query, pointer) => {
    expect(await site.call(`/v1/stream${query}`)).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer }] },
    });
  });

  it.each(['', '1', '1.2', '1.2.3.4'])('is refused with the id "%s"', async (id) => {
    const headers = { 'last-event-id': id };
    expect(await site.call('/v1/stream', { headers })).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer: '/last-event-id' }] },
    });
  });

  it('ends at shutdown, which does not wait for clients', async () => {
    const sources = [await open(), await open('?kind=backend')];
    await Promise.all(sources.map((source) => source.until(() => source.lastId !== undefined)));
    const silent = connect(Number(new URL(site.services.url).port), '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    await cast.stop();
    await site.shutDown();
    await Promise.all(sources.map(({ ended }) => ended));
  });
});
