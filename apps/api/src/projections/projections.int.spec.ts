import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ensureStream, factsDefinition } from '@signalbox/bus';
import {
  factsProjection,
  type ProjectionReport,
  Projector,
  type RebuildReport,
  ScratchSpace,
} from '@signalbox/store';
import { until } from '@signalbox/testing';
import pg from 'pg';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { factRecord, storeFact } from '../testing/facts.fixture.js';
import { ProjectionFolds } from './projection-folds.js';
import type { ProjectionsDto } from './projections.dto.js';

const START_MS = 300_000;
const AT = '2026-01-01T00:00:00Z';
let site: ApiSite;
let facts: Projector;

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

function post(query = '', signal?: AbortSignal, verb = 'verify'): Promise<Response> {
  const headers = { authorization: `Bearer ${site.token}` };
  const url = new URL(`/v1/projections/${verb}${query}`, site.services.url);
  return fetch(url, { method: 'POST', headers, ...(signal && { signal }) });
}

async function linesOf<T>(verb: string, query: string): Promise<T[]> {
  const response = await post(query, undefined, verb);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const lines = (await response.text()).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as T);
}

function verify(query = ''): Promise<ProjectionReport[]> {
  return linesOf('verify', query);
}

async function scratchSchemas(): Promise<number> {
  const sql = `select 1 from pg_namespace where nspname like 'scratch%'`;
  return (await site.dataSource.query<unknown[]>(sql)).length;
}

it('lists every projection with its position, its lag and its rows', async () => {
  const seqs = [await storeFact(site, factRecord('e1', AT)), await storeFact(site, factRecord('e2', AT))];
  await until('two facts', () => facts.position === seqs[1]);
  await facts.stop();
  const last = await storeFact(site, factRecord('e3', AT));
  const { body } = await site.call<ProjectionsDto>('/v1/projections');
  expect(body.items.map(({ name }) => name)).toEqual([
    'resources',
    'tokens',
    'facts.default',
    'parts',
    'runs',
    'deliveries',
    'backends',
    'backend-intents',
    'frontends',
    'weight-overrides',
    'nodes',
    'node-drains',
    'vips',
    'sinks',
    'sink-intents',
    'audit',
    'dead_letters',
  ]);
  expect(body.items[2]).toEqual({
    name: 'facts.default',
    stream: 'FACTS_default',
    position: seqs[1],
    lastSeq: last,
    lag: 1,
    rows: 2,
    tables: [{ name: 'facts', rows: 2 }],
  });
  expect(body.items[1]).toMatchObject({ stream: 'JOURNAL', lag: 0, rows: 1 });
  expect(body.items[0]?.lastSeq).toBeLessThan(body.items[1]!.lastSeq);
  facts = await Projector.start(site.bus, site.dataSource, factsProjection('default'));
  await until('three facts', () => facts.position === last);
});

it('answers a line for each projection, and says which row differs', async () => {
  const reports = await verify();
  expect(reports).toHaveLength(17);
  expect(reports.filter(({ equal }) => !equal)).toEqual([]);
  await site.dataSource.query(`update facts set subject = 'by hand' where id = 'e2'`);
  const [first, second, ...more] = await verify('?name=facts.default&name=tokens');
  expect([first?.name, first?.equal, more]).toEqual(['tokens', true, []]);
  expect(second).toMatchObject({ equal: false, tables: [{ name: 'facts', rows: 3, differences: 1 }] });
  expect(second?.tables[0]?.named).toEqual([
    { kind: 'different', key: { group_name: 'default', id: 'e2' }, columns: ['subject'] },
  ]);
});

it('mends the row, and tells how far it is', async () => {
  const lines = await linesOf<RebuildReport | { progress: object }>('rebuild', '?name=facts.default');
  expect(lines[0]).toEqual({
    name: 'facts.default',
    progress: { from: 0, position: 0, to: facts.position, records: 0 },
  });
  expect(lines.at(-1)).toMatchObject({
    name: 'facts.default',
    tables: [{ name: 'facts', rows: 3, added: 0, changed: 1, removed: 0 }],
  });
  expect(await verify('?name=facts.default')).toMatchObject([{ equal: true }]);
});

it('refuses a name that is not there, and a second verification at the same time', async () => {
  const unknown = await post('?name=tokens,nothing');
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({
    code: 'not-found',
    detail: expect.stringContaining('nothing'),
  });
  const space = await ScratchSpace.open(site.bus, site.dataSource);
  const second = await post();
  expect(second.status).toBe(409);
  expect(await second.json()).toMatchObject({ code: 'verify-running', retryable: true });
  await space.close();
  expect(await verify('?name=tokens')).toHaveLength(1);
});

/** A verification that waits, in its scratch schema, until the table of tokens is let go. */
async function heldUp(verification: () => Promise<unknown>): Promise<pg.Client> {
  const blocker = new pg.Client({ connectionString: site.config.databaseUrl });
  await blocker.connect();
  await blocker.query('begin; lock table tokens in access exclusive mode');
  void verification();
  await until('the verification to wait for the table', async () => (await scratchSchemas()) === 1);
  return blocker;
}

it('stops and cleans up when the client goes away', async () => {
  const leave = new AbortController();
  const blocker = await heldUp(() => post('?name=tokens', leave.signal).catch(() => undefined));
  leave.abort();
  await blocker.query('rollback');
  await blocker.end();
  await until('the schema to be dropped', async () => (await scratchSchemas()) === 0);
  await until('the next verification to start', async () => (await post('?name=tokens')).status === 200);
});

it('ends with the reason when it breaks off', async () => {
  await site.dataSource.query('alter table tokens rename to hidden');
  const [line, ...more] = await verify('?name=tokens,resources').then((all) => all.slice(1));
  expect(line).toEqual({ error: { code: 'internal', message: 'see the log of the service' } });
  expect(more).toEqual([]);
  await site.dataSource.query('alter table hidden rename to tokens');
  expect(await scratchSchemas()).toBe(0);
});

it('stops and cleans up at a shutdown, says so, and starts no other', async () => {
  let answer: Promise<ProjectionReport[]> | undefined;
  const blocker = await heldUp(() => (answer = verify('?name=tokens')));
  const stopped = site.services.app.get(ProjectionFolds).beforeApplicationShutdown();
  await blocker.query('rollback');
  await blocker.end();
  expect(await answer).toEqual([
    { error: { code: 'not-ready', message: expect.stringContaining('shutting down') } },
  ]);
  await stopped;
  expect(await scratchSchemas()).toBe(0);
  expect((await post('?name=tokens')).status).toBe(503);
});
