import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import { BALANCE_API, CodedError, type ErrorBody, type Resource } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { checkPlan } from '../domain/check-plan.js';
import { planChangeset } from '../domain/plan-changeset.js';
import { OperatorResources } from '../operator-resources.js';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { ResourceJournal } from './resource-journal.js';

const START_MS = 300_000;

function resource(kind: string, name: string, spec: object, project = 'default'): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name, project }, spec: spec as Resource['spec'] };
}

const check = (name: string, project: string): Resource =>
  resource('HealthCheck', name, { type: 'push', params: { ttl: '1m' } }, project);

describe('quotas', () => {
  let site: ApiSite;

  beforeAll(async () => {
    site = await ApiSite.create();
    await site.boot();
    site.followJournal();
    site.useContext(JSON.parse(readFileSync(`${site.config.stateDir}/context.json`, 'utf8')) as SiteContext);
    await apply(
      ...[resource('Org', 'acme', {}), resource('Org', 'beta', {})],
      ...['web', 'shop', 'race', 'parts'].map((name) => resource('Project', name, { org: 'acme' })),
      resource('Project', 'other', { org: 'beta' }),
      resource('Quota', 'web', { project: 'web', limits: { HealthCheck: 5 } }),
      resource('Quota', 'acme', { org: 'acme', limits: { Pool: 5 } }),
      resource('Quota', 'race', { project: 'race', limits: { Backend: 5 } }),
      resource('Quota', 'parts', { project: 'parts', limits: { Backend: 3 } }),
    );
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  async function apply(...resources: readonly Resource[]): Promise<{ status: number; body: ErrorBody }> {
    const body = resources.map((one) => JSON.stringify(one)).join('\n---\n');
    const headers = { 'content-type': 'application/yaml' };
    const answer = await site.call<ErrorBody>('/v1/apply', { method: 'POST', body, headers });
    return { status: answer.status, body: answer.body };
  }

  async function remove(path: string): Promise<{ status: number; body: ErrorBody }> {
    const { status, body } = await site.call<ErrorBody>(`/v1/resources/${path}`, { method: 'DELETE' });
    return { status, body };
  }

  /** How many answers have each status. */
  function tally(answers: readonly { readonly status: number }[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  it('of twenty applies at once exactly as many pass as there are places, those of others beside', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `c${at}`);
    const answers = await Promise.all([
      ...names.map((name) => apply(check(name, 'web'))),
      ...names.map((name) => apply(check(name, 'other'))),
    ]);
    expect(tally(answers.slice(0, 20))).toEqual({ 200: 5, 403: 15 });
    expect(tally(answers.slice(20))).toEqual({ 200: 20 });
    const refused = answers.find(({ status }) => status === 403);
    expect(refused?.body).toMatchObject({
      code: 'quota-exceeded',
      errors: [
        {
          pointer: '/0',
          message: expect.stringMatching(
            /^HealthCheck\/web\/c\d+: Quota\/web allows 5 of kind HealthCheck in project web: there are 5, and with this there would be 6/,
          ),
        },
      ],
    });
  });

  it('of an org holds over the projects together, in whichever they are made at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => apply(resource('Pool', `p${at}`, {}, at % 2 ? 'web' : 'shop'))),
    );
    expect(tally(answers)).toEqual({ 200: 5, 403: 15 });
  });

  it('of writers that do not know of each other exactly as many win, by compare-and-set', async () => {
    const { app } = site.services;
    const resources = app.get(OperatorResources);
    const journals = Array.from(
      { length: 4 },
      () => new ResourceJournal(app.get(Bus), resources, app.get(Clock)),
    );
    const one = async (at: number): Promise<string> => {
      const backend = resource('Backend', `b${at}`, { address: '10.0.0.1' }, 'race');
      const documents = [{ resources: [{ resource: backend, pointer: '/0' }] }];
      for (;;) {
        try {
          await journals[at % journals.length]!.append(
            (standing) => {
              const planned = planChangeset(standing, documents);
              checkPlan(standing, planned, undefined, (changes) => resources.quotas.excesses(changes));
              return planned;
            },
            { author: 'test', message: '' },
          );
          return 'made';
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
          if (error.code !== 'revision-conflict') return error.code;
        }
      }
    };
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => one(at)));
    expect(outcomes.filter((outcome) => outcome === 'made')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'quota-exceeded')).toHaveLength(15);
    expect(resources.quotas.use({ kind: 'Project', name: 'race' }, 'Backend')).toBe(5);
  });

  it('counts what parts of plugins have beside what people declared', async () => {
    await site.dataSource.query(
      `insert into effective_resources select '${BALANCE_API}', 'Backend', 'parts', 'of-part-' || i, 'EventSubscription/x/1', 1, null, 1, '{}'
         from generate_series(1, 2) i`,
    );
    const backend = (name: string): Resource => resource('Backend', name, { address: '10.0.0.1' }, 'parts');
    expect(await apply(backend('a'))).toMatchObject({ status: 200 });
    expect(await apply(backend('b'))).toMatchObject({ status: 403, body: { code: 'quota-exceeded' } });
    expect(await apply(backend('a'))).toMatchObject({ status: 200 });
  });

  it('holds for the members of a pool as well, with a pointer to the member', async () => {
    const quota = resource('Quota', 'members', { project: 'web', limits: { PoolMember: 1 } });
    const backends = ['x', 'y'].map((name, at) =>
      resource('Backend', name, { address: `10.0.0.${at + 1}` }, 'web'),
    );
    const backend = resource('Backend', 'z', { address: '10.0.0.9' }, 'web');
    await apply(quota, ...backends, backend);
    const [pool] = await pools('web');
    const put = (...names: readonly string[]) =>
      site.call<ErrorBody>(`/v1/pools/${pool}/members?project=web`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ members: names.map((backendRef) => ({ backendRef })) }),
      });
    expect(await put('x', 'z')).toMatchObject({
      status: 403,
      body: { code: 'quota-exceeded', errors: [{ pointer: '/members/1/backendRef' }] },
    });
    expect(await put('x')).toMatchObject({ status: 200 });
    expect(await put('z')).toMatchObject({ status: 200 });
  });

  it('hold after a restart as before', async () => {
    await site.shutDown();
    await site.boot();
    site.followJournal();
    expect(await apply(check('one-more', 'web'))).toMatchObject({ status: 403 });
    expect(await apply(check('c99', 'other'))).toMatchObject({ status: 200 });
  });

  it('an Org with projects, and a Project with resources, are not deleted; who stands in the way is told', async () => {
    const org = await remove('Org/acme');
    expect(org).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
    expect(JSON.stringify(org.body)).toContain('Project/web: Org/acme does not exist');
    await remove('Quota/parts');
    const project = await remove('Project/parts');
    expect(project).toMatchObject({
      status: 422,
      body: {
        code: 'reference-missing',
        errors: [{ pointer: '', message: 'Project/parts: has Backend/parts/a in it: delete them first' }],
      },
    });
    expect(await remove('Backend/a?project=parts')).toMatchObject({ status: 200 });
    expect(await remove('Project/parts')).toMatchObject({ status: 200 });
  });

  async function pools(project: string): Promise<string[]> {
    const { body } = await site.call<{ items: { resource: Resource }[] }>(
      `/v1/resources?kind=Pool&project=${project}`,
    );
    return body.items.map(({ resource: { metadata } }) => metadata.name);
  }
});
