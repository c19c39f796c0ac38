import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getLast } from '@signalbox/bus';
import { STREAMS, SUBJECTS } from '@signalbox/contracts';
import { HTTP_SETTINGS } from '@signalbox/runtime';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';

const START_MS = 300_000;
const ROUTER = 'net.routerd.net/v1alpha1';

interface Applied extends Record<string, unknown> {
  readonly revision: number;
  readonly plan: readonly { readonly action: string }[];
}

const thing = (name: string, spec: object): string =>
  JSON.stringify({ apiVersion: ROUTER, kind: 'Thing', metadata: { name }, spec });

describe('changes over REST', () => {
  let site: ApiSite;
  const start = async (requireIfMatch = false): Promise<void> => {
    await site.boot({ http: { ...HTTP_SETTINGS, requireIfMatch } });
    site.followJournal();
    const file = join(site.config.stateDir, 'context.json');
    site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  };
  beforeAll(async () => {
    site = await ApiSite.create();
    await start();
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  const send = (
    method: string,
    path: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<Applied>> =>
    site.call<Applied>(path, { method, body, headers: { 'content-type': 'application/json', ...headers } });
  const apply = (body: string, headers?: Record<string, string>): Promise<Answer<Applied>> =>
    send('POST', '/v1/apply', body, headers);
  const revision = async (): Promise<number> =>
    (await getLast(site.bus, STREAMS.journal, SUBJECTS.resources))?.seq ?? 0;

  describe('with an Idempotency-Key', () => {
    it('is done once, also when it is sent at the same time and after a restart', async () => {
      const key = { 'idempotency-key': 'one' };
      const body = thing('once', { a: 1 });
      const answers = await Promise.all([1, 2, 3, 4].map(() => apply(body, key)));
      expect(await revision()).toBe(answers[0]!.body.revision);
      expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
      expect(answers[0]!.body.plan).toMatchObject([{ action: 'added' }]);
      const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
      expect(replayed).toHaveLength(3);

      await site.shutDown();
      await start();
      const late = await apply(body, key);
      expect(late).toMatchObject({ status: answers[0]!.status, body: answers[0]!.body });
      expect(late.headers.get('idempotency-replayed')).toBe('true');
      expect(late.headers.get('etag')).toBe(answers[0]!.headers.get('etag'));
    });

    it('is refused when the key belongs to another request', async () => {
      const key = { 'idempotency-key': 'two' };
      expect((await apply(thing('two', { a: 1 }), key)).status).toBe(200);
      for (const [path, body] of [
        ['/v1/apply', thing('two', { a: 2 })],
        ['/v1/apply?dryRun=true', thing('two', { a: 1 })],
        ['/v1/rollback?to=1', '{}'],
      ] as const)
        expect(await send('POST', path, body, key)).toMatchObject({
          status: 422,
          body: { code: 'key-reused' },
        });
    });

    it('leaves the key free when it was refused', async () => {
      const key = { 'idempotency-key': 'three' };
      const wrong = JSON.stringify({ apiVersion: ROUTER, kind: 'Thing', metadata: {}, spec: {} });
      expect(await apply(wrong, key)).toMatchObject({ status: 422 });
      expect(await apply(thing('three', {}), key)).toMatchObject({ status: 200 });
    });

    it('is done again when nobody knows how it ended', async () => {
      const key = { 'idempotency-key': 'four' };
      const first = await apply(thing('four', {}), key);
      await site.dataSource.query('update kept_answers set status = null, headers = null, body = null');
      const again = await apply(thing('four', {}), key);
      expect(again.headers.get('idempotency-replayed')).toBeNull();
      expect(again.body).toMatchObject({ revision: first.body.revision, changed: false });
    });

    it.each(['', 'ä', 'x'.repeat(256)])('refuses the key %j', async (key) => {
      const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
      expect(await apply(thing('five', {}), headers)).toMatchObject({
        status: 400,
        body: { code: 'bad-request' },
      });
    });
  });

  describe('with If-Match', () => {
    it('F24 of many resources are done only at the revision that their sender has seen', async () => {
      const { body } = await apply(thing('raced', { by: 'nobody' }));
      const seen = { 'if-match': `"${body.revision}"` };
      const answers = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((by) => apply(thing('raced', { by: `client ${by}` }), seen)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
      const winner = answers.find(({ status }) => status === 200)!;
      expect(winner.headers.get('etag')).toBe(`"${winner.body.revision}"`);
      expect(await apply(thing('raced', { by: 'late' }), seen)).toMatchObject({
        status: 412,
        body: { code: 'revision-conflict' },
      });
    });

    it('F24 of one resource are done only to the version that their sender has seen', async () => {
      const path = '/v1/resources/Thing/put';
      const created = await send('PUT', path, thing('put', { n: 0 }), { 'if-none-match': '*' });
      expect(created).toMatchObject({ status: 201, body: { plan: [{ action: 'added' }] } });
      expect(await send('PUT', path, thing('put', { n: 1 }), { 'if-none-match': '*' })).toMatchObject({
        status: 412,
      });

      const tag = (await site.call(path)).headers.get('etag')!;
      expect(tag).toBe(created.headers.get('etag'));
      await apply(thing('other', {}));
      const answers = await Promise.all(
        [1, 2, 3, 4].map((n) => send('PUT', path, thing('put', { n }), { 'if-match': tag })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
      expect((await site.call(path, { headers: { 'if-none-match': tag } })).status).toBe(200);
      const now = (await site.call(path)).headers.get('etag')!;
      const unchanged = await site.call(path, { headers: { 'if-none-match': now } });
      expect({ status: unchanged.status, body: unchanged.body }).toEqual({ status: 304, body: '' });
      expect(await site.call(path, { method: 'DELETE', headers: { 'if-match': tag } })).toMatchObject({
        status: 412,
      });
      expect(await site.call(path, { method: 'DELETE', headers: { 'if-match': now } })).toMatchObject({
        status: 200,
      });
      expect(await send('PUT', path, thing('put', {}), { 'if-match': now })).toMatchObject({ status: 412 });
    });

    it('refuses a body that is not the resource of the path', async () => {
      for (const body of [thing('other', {}), '{"a":1}', '[]'])
        expect((await send('PUT', '/v1/resources/Thing/put', body)).status).toBe(422);
    });

    it('refuses it where nothing is compared', async () => {
      const headers = { 'if-match': '"1"' };
      expect(await send('POST', '/v1/backends/a/pause', '{}', headers)).toMatchObject({
        status: 412,
        body: { code: 'revision-conflict' },
      });
    });

    it('asks for it where the site is set so', async () => {
      await site.shutDown();
      await start(true);
      const path = '/v1/resources/Thing/careful';
      const created = await send('PUT', path, thing('careful', {}));
      expect(created.status).toBe(201);
      const refused = { status: 428, body: { code: 'precondition-required' } };
      expect(await send('PUT', path, thing('careful', { a: 1 }))).toMatchObject(refused);
      expect(await site.call(path, { method: 'DELETE' })).toMatchObject(refused);
      const seen = { 'if-match': created.headers.get('etag')! };
      expect(await site.call(path, { method: 'DELETE', headers: seen })).toMatchObject({ status: 200 });
    });
  });

  it('are read by who knows their revision, and told to be late by who knows one that is not there', async () => {
    const { body } = await apply(thing('seen', {}));
    expect((await site.call(`/v1/resources/Thing/seen?minRevision=${body.revision}`)).status).toBe(200);
    expect(await site.call(`/v1/status?minRevision=${body.revision + 1000}`)).toMatchObject({
      status: 503,
      body: { code: 'not-ready', retryable: true },
    });
    expect(await site.call('/v1/status?minRevision=x')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/minRevision' }] },
    });
    expect((await site.call(`/v1/status?minRevision=${body.revision}`, { anonymous: true })).status).toBe(
      401,
    );
  });

  it('that are stored but not followed yet name an operation, which says when they are', async () => {
    await site.shutDown();
    await site.boot();
    const pending = await send('POST', '/v1/apply?wait=1ms', thing('followed', {}));
    expect(pending).toMatchObject({ status: 202, body: { pending: true } });
    const place = pending.headers.get('location')!;
    expect(place).toBe(`/v1/operations/revision-${pending.body.revision}`);
    const { body } = await site.call<{ waitingFor: string[] }>(`${place}?wait=1ms`);
    expect(body).toMatchObject({ done: false, waitingFor: expect.arrayContaining(['matcher']) });
    site.followJournal();
    expect((await site.call(`${place}?wait=30s`)).body).toMatchObject({ done: true, waitingFor: [] });
    expect(await site.call('/v1/operations/revision-x')).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});
