import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import { APPLY_CHAIN } from '@signalbox/contracts';
import { BODY_LIMIT, type Problem } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import type { Page } from '../domain/cursor.js';
import type { ResourceItemDto } from '../reads/resources.dto.js';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { bundle, group, peer, thing } from '../testing/documents.fixture.js';
import type { ApplyResult } from './apply-answers.js';

const START_MS = 300_000;
let site: ApiSite;

const apply = <T = ApplyResult>(text: string, query = ''): Promise<Answer<T>> =>
  site.call<T>(`/v1/apply${query}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/yaml' },
  });
const refused = (text: string, query = ''): Promise<Answer<Problem>> => apply<Problem>(text, query);
const steps = ({ body }: Answer<ApplyResult>): string[] =>
  body.plan.map(({ action, kind, name }) => `${action} ${kind}/${name}`);
const get = (path: string): Promise<Answer<ResourceItemDto>> => site.call(`/v1/resources/${path}`);
const listed = async (query: string): Promise<string[]> => {
  const { body } = await site.call<Page<ResourceItemDto>>(`/v1/resources${query}`);
  return body.items.map(({ resource }) => `${resource.kind}/${resource.metadata.name}`);
};

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
}, START_MS);
afterAll(() => site.destroy(), START_MS);

it('answers 202 and names who has not followed when the services are away', async () => {
  const { status, body } = await apply(thing('early'));
  expect(status).toBe(202);
  expect(body).toMatchObject({ changed: true, pending: true, waitingFor: [...APPLY_CHAIN].sort() });
  expect((await get('Thing/early')).status).toBe(200);
});

describe('apply', () => {
  beforeAll(() => site.followJournal());

  it('applies many documents as one changeset, kinds it does not know among them', async () => {
    const answer = await apply(`${group('cloud')}${peer('east', 'cloud')}${thing('a')}`, '?message=hello');
    expect(answer).toMatchObject({
      status: 200,
      body: { changed: true, dryRun: false, pending: false, generation: 0 },
    });
    expect(steps(answer)).toEqual(['added Thing/a', 'added EventGroup/cloud', 'added EventPeer/east']);
    const { revision } = answer.body;
    expect(await get('EventPeer/east')).toMatchObject({ body: { revision, set: null } });
    const { headers, body } = await get('Thing/a');
    expect(headers.get('etag')).toBe(`"${revision}"`);
    expect(body.resource).toEqual(JSON.parse(thing('a')));
  });

  it('upserts, and tells the fields that change', async () => {
    const { body } = await apply(thing('a', 2));
    expect(body.plan).toEqual([
      {
        action: 'changed',
        apiVersion: 'example.org/v1',
        kind: 'Thing',
        project: 'default',
        name: 'a',
        fields: [{ path: '/spec/x', from: 1, to: 2 }],
      },
    ]);
  });

  it('shows the revision and how the last change went as metrics', async () => {
    const shown = async (name: string): Promise<number> => {
      const { body: text } = await site.call<string>('/metrics');
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    const { body } = await apply(thing('measured'));
    expect(await shown('signalbox_config_revision')).toBe(body.revision);
    expect(await shown('signalbox_config_last_change_success')).toBe(1);
    await refused('{"kind": "Thing"}');
    expect(await shown('signalbox_config_last_change_success')).toBe(0);
    expect(await shown('signalbox_config_changes_total\\{result="failure"\\}')).toBeGreaterThan(0);
    expect(await shown('signalbox_config_revision')).toBe(body.revision);
    await apply(thing('measured', 2));
    expect(await shown('signalbox_config_last_change_success')).toBe(1);
  });

  it('takes JSON as well', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await site.call<ApplyResult>('/v1/apply', {
      method: 'POST',
      headers,
      body: thing('json'),
    });
    expect(steps(answer)).toEqual(['added Thing/json']);
  });

  it('writes nothing when nothing changes', async () => {
    const before = await apply(thing('same'));
    const after = await apply(thing('same'));
    expect(after).toMatchObject({ status: 200, body: { changed: false, revision: before.body.revision } });
    expect(steps(after)).toEqual(['unchanged Thing/same']);
  });

  it('only tells what would change on a dry run', async () => {
    const { body } = await site.call('/v1/status');
    const answer = await apply(thing('dry'), '?dryRun=true');
    expect(answer.body).toMatchObject({ changed: true, dryRun: true, revision: body['revision'] });
    expect((await get('Thing/dry')).status).toBe(404);
  });

  it('tells the plan of a dry run without what services that are away would say of it', async () => {
    const { status, body } = await apply(thing('dry'), '?dryRun=true');
    expect([status, body.plan]).toMatchObject([200, [{ action: 'added', name: 'dry' }]]);
    expect(body.effect).toMatchObject({
      unanswered: [
        { service: 'renderer', code: 'not-ready' },
        { service: 'balancer', code: 'not-ready' },
      ],
    });
    expect((await apply(thing('wet'))).body).not.toHaveProperty('effect');
  });

  it('removes what left a bundle, and leaves everything else alone', async () => {
    await apply(bundle('one', [thing('b1'), thing('b2')]));
    expect((await get('Thing/b1')).body.set).toBe('Router/one');
    expect(steps(await apply(bundle('one', [thing('b2'), thing('b3')])))).toEqual([
      'removed Thing/b1',
      'unchanged Thing/b2',
      'added Thing/b3',
    ]);
    expect((await get('Thing/b1')).status).toBe(404);
    expect((await get('Thing/a')).status).toBe(200);
  });

  it('removes what left a named set', async () => {
    await apply(`${thing('s1')}\n---\n${thing('s2')}`, '?set=mine');
    expect(steps(await apply(thing('s2'), '?set=mine'))).toEqual(['removed Thing/s1', 'unchanged Thing/s2']);
  });

  it('does not move a resource from one set to another', async () => {
    const { status, body } = await refused(bundle('two', [thing('b2')]));
    expect(status).toBe(422);
    expect(body.code).toBe('validation-failed');
    expect(body.detail).toContain('"Router/one"');
    expect(body.errors?.[0]?.pointer).toBe('/0/spec/resources/0');
  });

  it('refuses unknown fields with a pointer to each, and applies nothing of the rest', async () => {
    const broken = `${thing('never')}\n---${group('bad').replace('spec: {', 'spec: {colour: red, ')}`;
    const { status, headers, body } = await refused(broken);
    expect(status).toBe(422);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body.code).toBe('validation-failed');
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/1/spec/colour']);
    expect((await get('Thing/never')).status).toBe(404);
  });

  it.each([
    ['a reference that does not resolve', () => peer('lost', 'nowhere'), 422, 'reference-missing'],
    ['the same resource twice', () => `${thing('t')}\n---\n${thing('t')}`, 422, 'duplicate-resource'],
    ['broken YAML', () => '{', 400, 'bad-yaml'],
    ['an empty text', () => '# nothing\n', 422, 'validation-failed'],
    ['a text that is no object', () => '[]', 422, 'validation-failed'],
  ])('refuses %s', async (_what, text, status, code) => {
    expect(await refused(text())).toMatchObject({ status, body: { code } });
  });

  it.each([
    ['application/json', '{', 400, 'bad-json'],
    ['application/json', '', 400, 'bad-json'],
    ['application/json', '{"a":1,"a":2}', 400, 'bad-json'],
    ['application/x-www-form-urlencoded', 'a=b', 415, 'unsupported-media-type'],
    ['application/yaml', 'a'.repeat(BODY_LIMIT + 1), 413, 'too-large'],
  ])('refuses a body that cannot be read: %s %.9s', async (type, body, status, code) => {
    const answer = site.call('/v1/apply', { method: 'POST', headers: { 'content-type': type }, body });
    expect(await answer).toMatchObject({ status, body: { code } });
  });

  it.each([
    [
      'application/x-www-form-urlencoded',
      {},
      'a body of Content-Type application/x-www-form-urlencoded is not',
    ],
    [
      'text/html; charset=utf-8',
      {},
      'a body of Content-Type text/html is not accepted here: send application/json,',
    ],
    ['', {}, 'the body has no Content-Type: send application/json, application/yaml'],
    ['json', {}, 'a body of Content-Type json is not accepted here: send application/json, application/yaml'],
    ['text/yaml; charset=latin1', {}, 'a body in the charset latin1 is not accepted: send UTF-8'],
    ['Application/YAML', { 'content-encoding': 'gzip' }, 'a body with Content-Encoding gzip is not accepted'],
  ])('X25 refuses the content type %s %j and names what is accepted', async (type, more, detail) => {
    const headers = { 'content-type': type, ...more };
    const body = Buffer.from(thing('typed'));
    const answer = await site.call<Problem>('/v1/apply', { method: 'POST', headers, body });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
    expect(answer.body.detail).toContain(detail);
    expect((await get('Thing/typed')).status).toBe(404);
  });

  it.each(['application/json; charset=UTF-8', 'Application/JSON', 'text/plain;charset="utf-8"', 'text/yaml'])(
    'takes a body of the type %s',
    async (type) => {
      const headers = { 'content-type': type };
      const call = { method: 'POST', headers, body: thing('typed') };
      expect(await site.call('/v1/apply?dryRun', call)).toMatchObject({ status: 200 });
    },
  );

  it('X2 refuses bytes that are not UTF-8, with the offset, and tells UTF-16', async () => {
    for (const type of ['application/yaml', 'application/json']) {
      const post = (body: Buffer): Promise<Answer<Problem>> =>
        site.call('/v1/apply', { method: 'POST', headers: { 'content-type': type }, body });
      const latin = await post(Buffer.from(thing('é'), 'latin1'));
      expect(latin).toMatchObject({ status: 400, body: { code: 'bad-text' } });
      expect(latin.body.detail).toMatch(/^the body is not valid UTF-8: byte 0xe9 at offset \d+/);
      const wide = await post(Buffer.from(`\ufeff${thing('wide')}`, 'utf16le'));
      expect(wide).toMatchObject({ status: 400, body: { code: 'bad-text' } });
      expect(wide.body.detail).toContain('UTF-16');
    }
  });

  it('X3 refuses JSON that says two things, with the key and its place', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = '{"kind":"Thing","metadata":{"name":"a","name":"b"}}';
    expect(await site.call('/v1/apply', { method: 'POST', headers, body })).toMatchObject({
      status: 400,
      body: {
        code: 'bad-json',
        detail: expect.stringContaining('the key "name" is given twice in the object at /metadata'),
        errors: [{ pointer: '/metadata/name' }],
      },
    });
  });

  it.each(['?dryRun=perhaps', '?colour=red', '?set=a%20b', '?set=', '?wait=61s', '?wait=soon'])(
    'refuses the query %s',
    async (query) => {
      const { status, body } = await refused(thing('never'), query);
      expect(status).toBe(422);
      expect(body.errors).toHaveLength(1);
      expect((await get('Thing/never')).status).toBe(404);
    },
  );

  it('refuses a changeset that does not fit into one message', async () => {
    const limit = jest.spyOn(Bus.prototype, 'maxBytes', 'get').mockReturnValue(1000);
    const answer = await refused(thing('big').replace('"x":1', `"x":"${'x'.repeat(1000)}"`));
    limit.mockRestore();
    expect(answer).toMatchObject({ status: 413, body: { code: 'changeset-too-large' } });
    expect((await get('Thing/big')).status).toBe(404);
  });

  it('lands ten applies at once, or says that they conflict', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => apply(`${thing(`par${i}`)}\n---\n${thing('shared', i)}`)),
    );
    // on a busy machine: 202, it stands and not everybody has followed yet; 503, the others are not read yet
    const landed = answers.flatMap(({ status, body: { revision } }, i) =>
      status === 200 || status === 202 ? [{ revision, name: `Thing/par${i}` }] : [],
    );
    expect(answers.map(({ status }) => status).filter((one) => ![200, 202, 412, 503].includes(one))).toEqual(
      [],
    );
    expect(landed.length).toBeGreaterThan(0);
    expect(new Set(landed.map(({ revision }) => revision)).size).toBe(landed.length);
    const names = await until('what landed to be listed', async () => {
      const found = await listed('?kind=Thing&limit=1000');
      return landed.every(({ name }) => found.includes(name)) ? found : undefined;
    });
    expect(names).toEqual(expect.arrayContaining(landed.map(({ name }) => name)));
  });

  it('deletes one resource, at the revision that If-Match names', async () => {
    const remove = (
      path: string,
      headers: Record<string, string> = {},
    ): Promise<Answer<ApplyResult & Problem>> =>
      site.call(`/v1/resources/${path}`, { method: 'DELETE', headers });
    const { headers } = await get('EventPeer/east');
    expect(await remove('EventPeer/east', { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'revision-conflict' },
    });
    expect(await remove('EventGroup/cloud')).toMatchObject({
      status: 422,
      body: { code: 'reference-missing' },
    });
    const answer = await remove('EventPeer/east', { 'if-match': headers.get('etag') ?? '' });
    expect(steps(answer)).toEqual(['removed EventPeer/east']);
    expect(await remove('EventPeer/east')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect((await remove('EventGroup/cloud')).status).toBe(200);
  });
});
