import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  CONFIG_SINK,
  errorBody,
  CodedError,
  type SinkCommandAnswer,
  type SinkCommandRequest,
  type SinkContent,
  type SinkIntent,
  type SinkRecord,
  type SinkRendering,
  SUBJECTS,
} from '@signalbox/contracts';
import { Projector, sinkIntentsProjection, sinksProjection } from '@signalbox/store';
import { until } from '@signalbox/testing';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import type { SinkDto, SinkItemDto } from './sinks.dto.js';

const START_MS = 300_000;
const AT = '2026-01-01T00:00:00.000Z';
const CONTENT: SinkContent = {
  generation: 3,
  digest: 'a'.repeat(64),
  bytes: 5,
  resources: 2,
  at: AT,
  place: 'edge/site',
};
const RENDERING: SinkRendering = {
  sink: 'claims',
  generation: 9,
  resources: 2,
  digest: 'b'.repeat(64),
  bytes: 6,
  text: 'a: é\n',
  isApplied: false,
  held: 'paused by me',
};
let site: ApiSite;
let projectors: Projector[];
let version = 0;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  site.followJournal();
  projectors = await Promise.all(
    [sinksProjection, sinkIntentsProjection].map((one) => Projector.start(site.bus, site.dataSource, one)),
  );
  await declare('claims', {
    natsKv: { bucket: 'edge', prefix: 'site' },
    description: 'who has which address',
  });
  await declare('inventory', { webhook: { url: 'https://inventory.example.net/hook' } });
}, START_MS);
afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await site.destroy();
}, START_MS);

async function declare(name: string, spec: object): Promise<void> {
  const { apiVersion, kind } = CONFIG_SINK;
  const body = JSON.stringify({ apiVersion, kind, metadata: { name }, spec });
  const headers = { 'content-type': 'application/json' };
  expect(await site.call('/v1/apply', { method: 'POST', body, headers })).toMatchObject({
    body: { changed: true },
  });
}

function post(path: string, body?: object): Promise<Answer<SinkDto>> {
  return site.call<SinkDto>(`/v1/sinks/${path}`, {
    method: 'POST',
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

/** Appends a record as `sinks` does. */
async function aRecord(about: Partial<SinkRecord>): Promise<{ record: SinkRecord; seq: number }> {
  const record: SinkRecord = {
    ...{ sink: 'claims', version: (version += 1), at: AT, state: 'applied', revision: 1, generation: 3 },
    ...about,
  };
  const { seq } = await site.bus.publisher.publishJson(SUBJECTS.sinkActivity(record.sink), record);
  return { record, seq };
}

async function told(about: Partial<SinkRecord>): Promise<void> {
  const { seq } = await aRecord(about);
  await until('the table of sinks', () => projectors[0]!.position >= seq);
}

/** Plays `sinks`: does what it is told at once, and notes it. */
function playSinks(): SinkCommandRequest[] {
  const seen: SinkCommandRequest[] = [];
  for (const command of ['pause', 'resume'] as const)
    site.bus.connection.subscribe(SUBJECTS.command('sinks', command), {
      callback: (_error, message) => {
        const request = message.json<SinkCommandRequest>();
        seen.push(request);
        const { sink, author, reason } = request;
        if (sink !== 'claims') {
          const error = errorBody(new CodedError('not-found', `there is no sink ${sink}`));
          return void message.respond(JSON.stringify({ error }));
        }
        const intent: SinkIntent = { sink, at: AT, paused: command === 'pause', author, reason };
        void (async () => {
          const { seq: intentSeq } = await site.bus.publisher.publishJson(SUBJECTS.sinkJournal(sink), intent);
          const state = command === 'pause' ? 'paused' : 'applied';
          const answer: SinkCommandAnswer = { ...(await aRecord({ state, content: CONTENT })), intentSeq };
          message.respond(JSON.stringify(answer));
        })();
      },
    });
  site.bus.connection.subscribe(SUBJECTS.ask('sinks', 'render'), {
    callback: (_error, message) => void message.respond(JSON.stringify(RENDERING)),
  });
  return seen;
}

it('lists what is declared, whether sinks has said how it stands or not', async () => {
  await told({ content: CONTENT });
  const { status, body } = await site.call<{ items: SinkItemDto[]; next: string }>('/v1/sinks?limit=1');
  expect(status).toBe(200);
  expect(body.items).toEqual([
    {
      name: 'claims',
      description: 'who has which address',
      target: 'natsKv',
      place: 'edge/site',
      revision: expect.any(Number),
      state: 'applied',
      at: AT,
      content: CONTENT,
      behind: 0,
    },
  ]);
  const next = await site.call<{ items: SinkItemDto[] }>(`/v1/sinks?after=${body.next}`);
  expect(next.body).toEqual({
    items: [
      {
        name: 'inventory',
        description: '',
        target: 'webhook',
        place: 'https://inventory.example.net/hook',
        revision: expect.any(Number),
      },
    ],
  });
});

it('tells of one how far it is behind, what failed, and what was tried before', async () => {
  await site.dataSource.query(
    `insert into generations (generation, at, cause_stream, cause_seq, revision, digest, resources, added, changed, removed,
       quarantined, seq) values (8, $1, 'ACTIVITY', 1, 1, 'd', 1, 1, 0, 0, '[]', 1)`,
    [AT],
  );
  const failure = {
    step: 'write' as const,
    error: { code: 'sink-changed' as const, message: 'bucket edge has keys that somebody else wrote' },
    attempts: 2,
    output: 'no',
  };
  await told({ state: 'degraded', content: CONTENT, failure });
  const { body } = await site.call<SinkDto>('/v1/sinks/claims');
  expect(body).toMatchObject({ state: 'degraded', behind: 5, failure });
  expect(body.applies.map(({ version: of, outcome }) => [of, outcome])).toEqual([
    [2, 'failed'],
    [1, 'applied'],
  ]);
  const first = await site.call<{ items: object[]; next: string }>('/v1/sinks/claims/applies?limit=1');
  expect(first.body.items).toEqual([
    { version: 2, at: AT, outcome: 'failed', generation: 3, content: CONTENT, failure },
  ]);
  const second = await site.call<{ items: object[] }>(`/v1/sinks/claims/applies?after=${first.body.next}`);
  expect(second.body).toEqual({
    items: [{ version: 1, at: AT, outcome: 'applied', generation: 3, content: CONTENT }],
  });
});

it.each(['', '/applies'])('refuses a name that nobody declared: %s', async (path) => {
  const { status, body } = await site.call(`/v1/sinks/nothing${path}`);
  expect([status, body['code'], body['detail']]).toEqual([
    404,
    'not-found',
    'there is no sink nothing: GET /v1/sinks lists what there is',
  ]);
});

it('answers 503 when nobody decides', async () => {
  const notReady = { status: 503, body: { code: 'not-ready', retryable: true } };
  expect(await post('claims/pause')).toMatchObject(notReady);
  expect(await site.call('/v1/sinks/claims/render')).toMatchObject(notReady);
});

it('a command is readable when it is answered', async () => {
  const seen = playSinks();
  for (let round = 0; round < 10; round += 1) {
    const paused = await post('claims/pause', { reason: 'new kernel' });
    expect(paused).toMatchObject({
      status: 200,
      body: { state: 'paused', paused: { author: 'first-start', reason: 'new kernel', at: AT } },
    });
    const resumed = await post('claims/resume');
    expect(resumed).toMatchObject({ status: 200, body: { state: 'applied' } });
    expect(resumed.body.paused).toBeUndefined();
  }
  expect(seen.slice(0, 2)).toMatchObject([
    { sink: 'claims', author: 'first-start', reason: 'new kernel' },
    { sink: 'claims', author: 'first-start', reason: '' },
  ]);
  expect(await post('nothing/pause')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(await post('claims/pause', { why: 'x' })).toMatchObject({ status: 422 });
});

it('shows what a sink would write, as JSON or as the document alone', async () => {
  expect((await site.call('/v1/sinks/claims/render')).body).toEqual(RENDERING);
  const raw = await site.call<string>('/v1/sinks/claims/render', { headers: { accept: 'text/plain' } });
  expect([raw.status, raw.headers.get('content-type'), raw.body]).toEqual([
    200,
    'text/plain; charset=utf-8',
    'a: é\n',
  ]);
});

it('of a sink that is gone its applies are told as long as they are kept', async () => {
  await told({ sink: 'gone', content: CONTENT });
  await told({ sink: 'gone', state: 'removed', content: CONTENT });
  expect(await site.call('/v1/sinks/gone')).toMatchObject({ status: 404 });
  expect((await site.call<{ items: object[] }>('/v1/sinks/gone/applies')).body.items).toHaveLength(1);
});
