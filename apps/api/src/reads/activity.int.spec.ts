import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendDeadLetter, ensureStream, factsDefinition } from '@signalbox/bus';
import { STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { deliveriesProjection, factsProjection, partsProjection, Projector } from '@signalbox/store';
import type { Page } from '../domain/cursor.js';
import type { SiteContext } from '../start/context-file.js';
import {
  acceptPart,
  addGeneration,
  claim,
  endPart,
  putRun,
  tryDelivery,
} from '../testing/activity.fixture.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { DeadLetterItemDto } from './dead-letters.dto.js';
import type { DeliveryItemDto } from './deliveries.dto.js';
import type { ExplanationDto } from './explain.dto.js';
import type { PartItemDto } from './parts.dto.js';
import type { RunItemDto } from './runs.dto.js';

const START_MS = 300_000;
const SOURCE = 'EventSubscription/claims/00';
let site: ApiSite;
let projectors: Projector[];

/** Everything appended so far is in the tables. */
const readable = async (projection: string, stream: string, seq: number): Promise<void> => {
  const mark = await site.services.app.get(Watermarks).waitFor(projection, stream, seq, 10_000);
  expect(mark).toBeDefined();
};

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  await ensureStream(site.bus.manager, factsDefinition('default'), site.bus.log);
  projectors = await Promise.all(
    [factsProjection('default'), partsProjection, deliveriesProjection].map((projection) =>
      Projector.start(site.bus, site.dataSource, projection),
    ),
  );
}, START_MS);
afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await site.destroy();
}, START_MS);

it('has an empty effective config at generation 0', async () => {
  const { headers, body } = await site.call('/v1/effective-config');
  expect(headers.get('etag')).toMatch(/^"0-[0-9a-f]{16}"$/);
  expect(body).toMatchObject({
    kind: 'Router',
    metadata: { name: 'effective', annotations: { 'signalbox.dev/generation': '0' } },
    spec: { resources: [] },
  });
});

it('lists runs, newest first', async () => {
  for (let i = 0; i < 7; i += 1) {
    const plannedAt = `2026-01-0${1 + Math.floor(i / 2)}T00:00:00.000Z`;
    const facts = [{ seq: i, id: `f${i}`, origin: 'n', factKey: `id:f${i}`, subject: '' }];
    await putRun(site, { runId: `r${i}`, plannedAt, facts, state: i === 3 ? 'failed' : 'succeeded' });
  }
  const ids = async (query = ''): Promise<string[]> =>
    (await paged<RunItemDto>(site, `/v1/runs${query}`, 2)).map(({ runId }) => runId);
  expect(await ids()).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
  expect(await ids('?state=failed')).toEqual(['r3']);
  expect(await ids('?eventId=f4')).toEqual(['r4']);
  expect(await ids('?subscription=none')).toEqual([]);
  expect((await site.call('/v1/runs/r3')).body).toMatchObject({ runId: 'r3', executions: [] });
});

it('lists deliveries, last attempt first', async () => {
  const seqs = [];
  for (const [id, peer, attempts] of [
    ['d0', 'east', 0],
    ['d1', 'east', 1],
    ['d1', 'west', 3],
  ] as const)
    seqs.push(await tryDelivery(site, id, peer, attempts));
  await readable('deliveries', STREAMS.activity, seqs.at(-1) ?? 0);
  const items = await paged<DeliveryItemDto>(site, '/v1/deliveries?group=default', 1);
  expect(items).toEqual([
    expect.objectContaining({ eventId: 'd1', peer: 'west', status: 'failed', attempts: 3 }),
    expect.objectContaining({
      eventId: 'd1',
      peer: 'east',
      status: 'pending',
      lastError: 'peer-unreachable: no route',
      deliveredAt: null,
      expiresAt: null,
    }),
    expect.objectContaining({ eventId: 'd0', status: 'delivered', lastError: null, version: 1 }),
  ]);
  expect((await site.call<Page<unknown>>('/v1/deliveries?status=dead')).body.items).toEqual([]);
  expect((await site.call('/v1/deliveries?status=lost')).status).toBe(422);
});

it('lists dead letters, newest first, and shows one whole', async () => {
  const about = { fact: 'x' };
  for (const code of ['bad-json', 'unknown-group'] as const) {
    const error = { code, message: 'because' };
    const data = Buffer.from('{');
    const dead = { service: 'ingest', error, subject: 'events.x', data, at: '2026-01-01T00:00:00Z', about };
    await appendDeadLetter(site.bus, { ...dead, msgId: code });
  }
  await readable('dead_letters', STREAMS.dead, 2);
  const items = await paged<DeadLetterItemDto>(site, '/v1/dead-letters', 1);
  expect(items.map(({ seq, code }) => [seq, code])).toEqual([
    [2, 'unknown-group'],
    [1, 'bad-json'],
  ]);
  expect((await site.call('/v1/dead-letters?code=bad-json')).body).toMatchObject({
    items: [{ seq: 1, about }],
  });
  expect((await site.call('/v1/dead-letters/1')).body).toMatchObject({ seq: 1, letter: { data: '{' } });
});

describe('with an effective config', () => {
  beforeAll(async () => {
    await putRun(site, { runId: 'run-1' });
    await storeFact(site, factRecord('e1', '2026-01-01T00:00:00Z'));
    await acceptPart(site, { source: SOURCE, generation: 1, runId: 'run-0' }, [claim('c1')]);
    await acceptPart(site, { source: SOURCE, generation: 2, runId: 'run-1' }, [claim('c1')]);
    await acceptPart(site, { source: 'old', generation: 1, runId: 'run-2' }, [claim('c2')]);
    await endPart(site, { source: 'old', generation: 1 }, 'expired', 'its time was up');
    await acceptPart(site, { source: 'held', generation: 1, runId: 'run-3' }, [claim('c3')]);
    await endPart(site, { source: 'held', generation: 1 }, 'quarantined', 'startup-conflict');
    const own = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 'own' }, spec: {} };
    await addGeneration(site, 1, [{ resource: own, revision: 1 }]);
    const added = { resource: claim('c1'), part: { source: SOURCE, generation: 2 } };
    const seq = await addGeneration(site, 2, [added], 2);
    await readable('parts', STREAMS.activity, seq);
  });

  it('lists parts by source, the newest generation first', async () => {
    const items = await paged<PartItemDto>(site, '/v1/parts', 2);
    expect(items.map(({ source, generation, state }) => `${source} ${generation} ${state}`)).toEqual([
      `${SOURCE} 2 active`,
      `${SOURCE} 1 superseded`,
      'held 1 quarantined',
      'old 1 expired',
    ]);
    const { body } = await site.call<Page<PartItemDto>>('/v1/parts?state=active&full=true');
    expect(body.items).toMatchObject([{ resources: 1, body: { resources: [claim('c1')], directives: [] } }]);
  });

  it('shows it as a Router document', async () => {
    const { headers, body } = await site.call<{ spec: { resources: { kind: string }[] } }>(
      '/v1/effective-config',
    );
    expect(headers.get('etag')).toMatch(/^"2-[0-9a-f]{16}"$/);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body).toMatchObject({
      apiVersion: 'routerd.net/v1alpha1',
      metadata: {
        annotations: {
          'signalbox.dev/generation': '2',
          'signalbox.dev/digest': '2'.repeat(64),
          'signalbox.dev/quarantined': '1',
        },
      },
    });
    expect(body.spec.resources.map(({ kind }) => kind)).toEqual(['Thing', 'RemoteAddressClaim']);
  });

  it('tells what parts add', async () => {
    expect((await site.call('/v1/effective-config/diff')).body).toMatchObject({
      generation: 2,
      suppressed: [],
      addedResources: [
        { kind: 'RemoteAddressClaim', name: 'c1', project: 'default', source: SOURCE, generation: 2 },
      ],
      activeParts: [{ source: SOURCE, generation: 2 }],
      expiredParts: [{ source: 'old', generation: 1 }],
      quarantined: [{ source: 'held', generation: 1, reason: 'startup-conflict' }],
    });
  });

  it('D19 shows it as it was at a generation and at a time', async () => {
    const path = '/v1/effective-config?at=';
    const now = await site.call('/v1/effective-config');
    const past = await site.call<{ spec: object }>(`${path}1`);
    expect(past.body).toMatchObject({
      metadata: { annotations: { 'signalbox.dev/generation': '1', 'signalbox.dev/digest': '1'.repeat(64) } },
      spec: { resources: [{ kind: 'Thing' }] },
    });
    for (const moment of ['2', '1s', '2026-01-01T00:00:00Z', '2026-01-01T02:00:00.0009%2B02:00'])
      expect((await site.call<{ spec: object }>(`${path}${moment}`)).body.spec).toEqual(
        (now.body as { spec: object }).spec,
      );
  });

  it('D19 refuses a moment of which nothing is known', async () => {
    const path = '/v1/effective-config';
    for (const [query, status, code] of [
      ['?at=3', 404, 'not-found'],
      ['?at=2025-12-31T23:59:59Z', 410, 'not-kept'],
      ['?at=soon', 422, 'validation-failed'],
      ['?at=2999-01-01T00:00:00Z', 422, 'validation-failed'],
      ['/changes', 422, 'validation-failed'],
      ['/changes?from=3', 404, 'not-found'],
      ['/changes?from=1&to=9', 404, 'not-found'],
      ['/changes?from=2025-12-31T23:59:59Z', 410, 'not-kept'],
    ] as const)
      expect([query, await site.call(`${path}${query}`)]).toMatchObject([query, { status, body: { code } }]);
  });

  it('D19 tells what changed between two moments', async () => {
    const moments = { from: { generation: 1 }, to: { generation: 2, digest: '2'.repeat(64) } };
    const ref = {
      apiVersion: claim('c1').apiVersion,
      kind: 'RemoteAddressClaim',
      project: 'default',
      name: 'c1',
    };
    const path = '/v1/effective-config/changes?from=';
    for (const query of ['1', '1&to=2', '1&to=1s'])
      expect((await site.call(`${path}${query}`)).body).toMatchObject({
        ...moments,
        items: [{ action: 'added', ...ref, source: SOURCE }],
      });
    expect((await site.call(`${path}2&to=1`)).body).toMatchObject({ items: [{ action: 'removed', ...ref }] });
    expect((await site.call(`${path}2&to=2`)).body).toMatchObject({ items: [] });
  });

  it('keeps the history of generations', async () => {
    const items = await paged(site, '/v1/effective-config/generations', 1);
    expect(items).toMatchObject([
      { generation: 2, added: 1, cause: { stream: 'ACTIVITY', seq: 1 }, quarantined: [], suppressed: [] },
      { generation: 1, revision: 1 },
    ]);
  });

  it('explains a fact, once matcher is there', async () => {
    const path = '/v1/groups/default/events/e1/explain';
    expect(await site.call(path)).toMatchObject({ status: 503, body: { code: 'not-ready' } });

    const asked: unknown[] = [];
    const decisions = [{ subscription: 'claims', matched: true }];
    site.bus.connection.subscribe(SUBJECTS.ask('matcher', 'explain'), {
      callback: (_error, message) => {
        asked.push(message.json());
        message.respond(JSON.stringify({ revision: 3, decisions }));
      },
    });
    const { body } = await site.call<ExplanationDto>(path);
    expect(asked).toEqual([{ group: 'default', id: 'e1' }]);
    expect(body).toMatchObject({
      event: { id: 'e1' },
      revision: 3,
      decisions,
      runs: [{ runId: 'run-1', state: 'succeeded' }],
      parts: [{ source: SOURCE, generation: 2, state: 'active', resources: 1, actionPlans: 0 }],
      resources: [{ kind: 'RemoteAddressClaim', name: 'c1', source: SOURCE, generation: 2 }],
      verdict: `claims: part ${SOURCE} was accepted and has 1 resource in generation 2.`,
    });
  });

  it('says 304 while it is the same, and another tag when a part was renewed or held back', async () => {
    const path = '/v1/effective-config';
    const tag = (await site.call(path)).headers.get('etag') ?? '';
    const again = (known: string) => site.call(path, { headers: { 'if-none-match': known } });
    for (const known of [tag, `W/${tag}`, `"1-0000000000000000", ${tag}`, '*']) {
      const { status, headers, body } = await again(known);
      expect({ status, tag: headers.get('etag'), body }).toEqual({ status: 304, tag, body: '' });
    }
    expect(await again('"2"')).toMatchObject({ status: 200, body: { kind: 'Router' } });

    const renewed = { ...claim('c1'), metadata: { name: 'c1', annotations: { fact: 'newer' } } };
    await acceptPart(site, { source: SOURCE, generation: 3, runId: 'run-1' }, [renewed]);
    const heldBack = { source: SOURCE, generation: 3 };
    await readable('parts', STREAMS.activity, await endPart(site, heldBack, 'quarantined', 'on trial'));
    const changed = await again(tag);
    expect(changed).toMatchObject({
      status: 200,
      body: {
        metadata: { annotations: { 'signalbox.dev/generation': '2', 'signalbox.dev/quarantined': '2' } },
        spec: { resources: [{ kind: 'Thing' }, renewed] },
      },
    });
    const other = changed.headers.get('etag') ?? '';
    expect(other).not.toBe(tag);
    const restored = await endPart(site, heldBack, 'restored', 'trial over');
    await readable('parts', STREAMS.activity, restored);
    const { status, headers } = await again(other);
    expect(status).toBe(200);
    expect(headers.get('etag')).not.toBe(other);
  });
});
