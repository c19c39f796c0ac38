import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BALANCE_API, FEDERATION_API, PLUGIN_API, STREAMS, SUBJECTS } from '@signalbox/contracts';
import {
  backendsProjection,
  deleteFactsUpTo,
  factsUpTo,
  firstTooMany,
  pruneRows,
  siteProjections,
} from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { BIG, fillBigSite, LARGE_TABLES } from '../testing/big-site.fixture.js';
import { complaints, readsOf } from '../testing/query-plans.fixture.js';

const START_MS = 300_000;

/** What is asked of a list or an item: the values of each of its query parameters, one after another and all together. */
interface Read {
  readonly path: string;
  readonly query?: Readonly<Record<string, readonly string[]>>;
}

/** Every GET of the site by its path in the OpenAPI document, or why its statements are not looked at. */
const SITE_READS: Readonly<Record<string, Read | string>> = {
  '/v1/resources': {
    path: '/v1/resources',
    query: {
      kind: ['Backend', 'Backend.net.routerd.net', 'EventPeer'],
      name: ['b7', 'none'],
      project: ['default'],
    },
  },
  '/v1/resources/{kind}/{name}': {
    path: '/v1/resources/Backend/b7',
    query: { project: ['default'], apiVersion: [BALANCE_API] },
  },
  '/v1/groups/{group}/events': {
    path: '/v1/groups/default/events',
    query: {
      includeExpired: ['true'],
      type: ['t1', 'rare', 'none'],
      subject: [`s${BIG.facts / 5 - 1}`, 'none'],
      source: ['n1.test', 'rare.test', 'none'],
      order: ['newest'],
      sort: ['-observedAt'],
      since: ['2026-01-01T05:00:00Z', '2h'],
      until: ['2026-01-01T05:00:00Z', '2h'],
    },
  },
  '/v1/groups/{group}/events/{id}': { path: '/v1/groups/default/events/e7' },
  '/v1/groups/{group}/events/{id}/explain': { path: '/v1/groups/default/events/e7/explain' },
  '/v1/groups/{group}/event': { path: '/v1/groups/default/event?id=e7', query: { id: [] } },
  '/v1/groups/{group}/event/explain': { path: '/v1/groups/default/event/explain?id=e7', query: { id: [] } },
  '/v1/doctor': 'counts the newest ten thousand rows of facts, runs, deliveries and dead letters (ADR 0051)',
  '/v1/vitals': 'counts all backends by state',
  '/v1/audit': {
    path: '/v1/audit',
    query: {
      author: ['ann', 'none'],
      subject: ['token:t1', 'none'],
      kind: ['Backend', 'none'],
      name: ['b7', 'none'],
      inProject: ['default', 'none'],
      since: ['2026-01-01T00:00:00Z'],
      until: ['2026-01-01T00:00:00Z'],
      changes: ['true'],
    },
  },
  '/v1/audit/head': 'what the process knows',
  '/v1/operations/{id}': 'what the process knows',
  '/v1/tokens': 'what the process knows, at most 1,000',
  '/v1/whoami': 'tells of the caller alone',
  '/v1/audit/refused': 'records of ACTIVITY, no table',
  '/v1/deliveries': {
    path: '/v1/deliveries',
    query: {
      group: ['default'],
      eventId: ['e7', 'none'],
      peer: ['east', 'rare', 'none'],
      status: ['pending', 'failed', 'delivered', 'dead'],
    },
  },
  '/v1/runs': {
    path: '/v1/runs',
    query: {
      subscription: ['s1', 'rare', 'none'],
      eventId: ['e7', 'none'],
      state: ['succeeded', 'failed', 'running'],
      plugin: ['p', 'none'],
      sort: ['plannedAt'],
      since: ['2026-01-01T05:00:00Z', '2h'],
      until: ['2026-01-01T05:00:00Z', '2h'],
    },
  },
  '/v1/runs/{runId}': { path: '/v1/runs/run-7' },
  '/v1/revisions': { path: '/v1/revisions' },
  '/v1/revisions/{revision}': { path: '/v1/revisions/1' },
  '/v1/parts': {
    path: '/v1/parts',
    query: {
      source: ['EventSubscription/s1/renewed', 'none'],
      owner: ['EventSubscription/s1', 'rare', 'none'],
      state: ['active', 'quarantined', 'superseded', 'withdrawn', 'expired'],
      full: ['true'],
    },
  },
  '/v1/effective-config':
    'the answer is the whole config; what is asked with If-None-Match has a test of its own',
  '/v1/effective-config/changes': {
    path: '/v1/effective-config/changes?from=20000',
    query: { from: [], to: ['20010', '29000'] },
  },
  '/v1/effective-config/resources/{kind}/{name}': {
    path: '/v1/effective-config/resources/RemoteAddressClaim/v7',
    query: { project: ['default'], apiVersion: ['hybrid.routerd.net/v1alpha1'] },
  },
  '/v1/effective-config/resources/{kind}/{name}/versions': {
    path: '/v1/effective-config/resources/RemoteAddressClaim/v0/versions',
    query: { project: ['default'], apiVersion: ['hybrid.routerd.net/v1alpha1'] },
  },
  '/v1/effective-config/diff': 'the answer names every part in force',
  '/v1/effective-config/generations': { path: '/v1/effective-config/generations' },
  '/v1/dead-letters': {
    path: '/v1/dead-letters',
    query: { service: ['ingest', 'rare', 'none'], code: ['bad-json', 'rare', 'none'], sort: ['seq'] },
  },
  '/v1/dead-letters/{seq}': { path: '/v1/dead-letters/1007' },
  '/v1/projections': 'says how many rows there are',
  '/v1/storage': 'says how much there is of everything',
  '/v1/status': { path: '/v1/status' },
  '/v1/site': { path: '/v1/site' },
  '/v1/backends': {
    path: '/v1/backends',
    query: { project: ['default', 'lab', 'none'], state: ['up', 'down', 'removed'] },
  },
  '/v1/backends/{name}': { path: '/v1/backends/b7', query: { project: ['default'] } },
  '/v1/backends/{name}/transitions': {
    path: '/v1/backends/b7/transitions',
    query: { project: ['default'] },
  },
  '/v1/frontends': { path: '/v1/frontends', query: { project: ['default', 'lab', 'none'] } },
  '/v1/frontends/{name}': { path: '/v1/frontends/f7', query: { project: ['default'] } },
  '/v1/healthchecks': { path: '/v1/healthchecks', query: { project: ['default', 'lab', 'none'] } },
  '/v1/healthchecks/{name}': { path: '/v1/healthchecks/h7', query: { project: ['default'] } },
  '/v1/listeners': { path: '/v1/listeners', query: { project: ['default', 'lab', 'none'] } },
  '/v1/listeners/{name}': { path: '/v1/listeners/li7', query: { project: ['default'] } },
  '/v1/listeners/{name}/stats': { path: '/v1/listeners/li7/stats', query: { project: ['default'] } },
  '/v1/loadbalancers': { path: '/v1/loadbalancers', query: { project: ['default', 'lab', 'none'] } },
  '/v1/loadbalancers/{name}': { path: '/v1/loadbalancers/l7', query: { project: ['default'] } },
  '/v1/loadbalancers/{name}/tree': { path: '/v1/loadbalancers/l7/tree', query: { project: ['default'] } },
  // to a project its own addresses are counted: not for default here, which has nearly all
  '/v1/vippools': { path: '/v1/vippools', query: { project: ['lab', 'none'] } },
  '/v1/vippools/{name}': { path: '/v1/vippools/v1', query: { project: ['lab', 'none'] } },
  '/v1/vippools/{name}/addresses': {
    path: '/v1/vippools/v1/addresses',
    query: { project: ['default', 'lab', 'none'] },
  },
  '/v1/vips': { path: '/v1/vips', query: { project: ['default', 'lab', 'none'] } },
  '/v1/vips/{address}': { path: '/v1/vips/10.9.0.7', query: { project: ['default'] } },
  '/v1/vipclaims': { path: '/v1/vipclaims', query: { project: ['default', 'lab', 'none'] } },
  '/v1/vipclaims/{name}': { path: '/v1/vipclaims/vc7', query: { project: ['default'] } },
  '/v1/backendsources': { path: '/v1/backendsources', query: { project: ['default', 'lab', 'none'] } },
  '/v1/backendsources/{name}': { path: '/v1/backendsources/s7', query: { project: ['default'] } },
  '/v1/pools': { path: '/v1/pools', query: { project: ['default', 'lab', 'none'] } },
  '/v1/pools/{name}': { path: '/v1/pools/p7', query: { project: ['default'] } },
  '/v1/nodes': { path: '/v1/nodes' },
  '/v1/nodes/{name}': { path: '/v1/nodes/n7' },
  '/v1/nodes/{name}/vpp/info': 'reads no table',
  '/v1/nodes/{name}/vpp/lb-state': 'reads no table',
  '/v1/nodes/{name}/vpp/lb-counters': 'reads no table',
  '/v1/sinks': { path: '/v1/sinks' },
  '/v1/sinks/{name}': { path: '/v1/sinks/k7' },
  '/v1/sinks/{name}/applies': { path: '/v1/sinks/k7/applies' },
  '/v1/sinks/{name}/render': 'reads no table',
  '/v1/alarms': 'reads no table',
  '/v1/orgs': { path: '/v1/orgs' },
  '/v1/orgs/{org}': { path: '/v1/orgs/acme' },
  '/v1/orgs/{org}/projects': { path: '/v1/orgs/acme/projects' },
  '/v1/orgs/{org}/projects/{project}': { path: '/v1/orgs/acme/projects/lab' },
  '/v1/projects': { path: '/v1/projects', query: { org: ['acme', 'none'] } },
  '/v1/projects/{name}': { path: '/v1/projects/lab' },
  '/v1/quotas': { path: '/v1/quotas', query: { project: ['lab', 'none'] } },
  '/v1/quotas/{name}': { path: '/v1/quotas/q7', query: { project: ['lab'] } },
  '/v1/groups': { path: '/v1/groups', query: { sort: ['-name'] } },
  '/v1/groups/{name}': { path: '/v1/groups/default' },
  '/v1/subscriptions': {
    path: '/v1/subscriptions',
    query: { sort: ['-name'], group: ['default', 'none'], plugin: ['p', 'none'] },
  },
  '/v1/subscriptions/{name}': { path: '/v1/subscriptions/s1' },
  '/v1/plugins': { path: '/v1/plugins', query: { sort: ['-name'] } },
  '/v1/plugins/{name}': { path: '/v1/plugins/p' },
  '/v1/stream': 'begins with everything that there is',
};

/** Items of big-site.fixture.ts that stand in the project `lab`, for paths that lead to one of `default` otherwise. */
const IN_LAB: Readonly<Record<string, string>> = {
  '/v1/resources/Backend/b7': '/v1/resources/HealthCheck/lab-check',
  '/v1/backends/b7': '/v1/backends/b998',
  '/v1/backends/b7/transitions': '/v1/backends/b998/transitions',
  '/v1/frontends/f7': '/v1/frontends/f998',
  '/v1/healthchecks/h7': '/v1/healthchecks/h998',
  '/v1/listeners/li7': '/v1/listeners/li998',
  '/v1/listeners/li7/stats': '/v1/listeners/li998/stats',
  '/v1/loadbalancers/l7': '/v1/loadbalancers/l998',
  '/v1/loadbalancers/l7/tree': '/v1/loadbalancers/l998/tree',
  '/v1/vips/10.9.0.7': '/v1/vips/10.9.3.230',
  '/v1/vipclaims/vc7': '/v1/vipclaims/vc998',
  '/v1/backendsources/s7': '/v1/backendsources/s998',
  '/v1/pools/p7': '/v1/pools/p998',
};

/** The same below a project, for each route of the site that takes one. */
const TENANT_READS = Object.fromEntries(
  Object.entries(SITE_READS).flatMap(([path, read]): [string, Read | string][] => {
    const below = (of: string): string => of.replace(/^\/v1/, '/v1/orgs/{org}/projects/{project}');
    if (typeof read === 'string')
      return ['/v1/alarms', '/v1/stream'].includes(path) ? [[below(path), read]] : [];
    const { project, ...query } = read.query ?? {};
    // where a resource came from names facts and parts of the site
    if (project === undefined || path.startsWith('/v1/effective-config/')) return [];
    const own = (IN_LAB[read.path] ?? read.path).replace(/^\/v1/, '/v1/orgs/acme/projects/lab');
    return [[below(path), { path: own, query }]];
  }),
);

const READS = { ...SITE_READS, ...TENANT_READS };

interface Parameter {
  readonly in: string;
  readonly name: string;
}

let site: ApiSite;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  await fillBigSite(site.dataSource);
  site.followJournal();
  await declare(BALANCE_API, 'Org', 'acme', {});
  await declare(BALANCE_API, 'Project', 'lab', { org: 'acme' });
  const check = { type: 'push', params: { ttl: '1m' } };
  await declare(BALANCE_API, 'HealthCheck', 'lab-check', check, 'lab');
  await declare(PLUGIN_API, 'Plugin', 'p', {
    executable: '/p',
    sha256: 'a'.repeat(64),
    capabilities: ['propose.dynamicConfig'],
  });
  for (const name of ['s1', 's2'])
    await declare(FEDERATION_API, 'EventSubscription', name, {
      ...{ groupRef: 'default', match: { types: ['t1'] }, trigger: { pluginRef: 'p' } },
    });
  answer('matcher', 'explain', { revision: 1, decisions: [] });
}, START_MS);
afterAll(() => site.destroy(), START_MS);

async function declare(
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  project = 'default',
): Promise<void> {
  const body = JSON.stringify({ apiVersion, kind, metadata: { name, project }, spec });
  const headers = { 'content-type': 'application/json' };
  const answered = await site.call('/v1/apply', { method: 'POST', body, headers });
  expect(answered).toMatchObject({ body: { changed: true } });
}

/** Plays a service that is asked. */
function answer(service: string, question: string, body: object): void {
  site.bus.connection.subscribe(SUBJECTS.ask(service, question), {
    callback: (_error, message) => void message.respond(JSON.stringify(body)),
  });
}

/** What is wrong with the reads of one request, and what it answered. */
async function askFor(
  path: string,
): Promise<{ wrong: string[]; statements: number; next: string | undefined }> {
  let next: string | undefined;
  const sent = await readsOf(site.dataSource, async () => {
    const { status, body } = await site.call<{ next?: string }>(path);
    expect({ path, status }).toEqual({ path, status: 200 });
    ({ next } = body);
  });
  const wrong = [];
  for (const one of sent)
    for (const complaint of await complaints(site.dataSource, one, LARGE_TABLES))
      wrong.push(`${path}: ${complaint}: ${one.sql.replace(/\s+/g, ' ')}`);
  return { wrong, statements: sent.length, next };
}

/** A read without a query, with each value of each parameter, and with the first value of all. */
function queriesOf({ query = {} }: Read): string[] {
  const given = Object.entries(query).map(([name, values]) =>
    values.map((value) => `${name}=${encodeURIComponent(value)}`),
  );
  const all = given.flatMap(([first]) => first ?? []);
  return ['', ...given.flat(), ...(all.length > 1 ? [all.join('&')] : [])];
}

/** A path with more of a query. */
function withQuery(path: string, ...queries: readonly string[]): string {
  const text = queries.filter((one) => one !== '').join('&');
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

describe('every GET of the API', () => {
  it('is one of those that are looked at here, with all of its parameters', async () => {
    const { body } = await site.call<{ paths: Record<string, { get?: { parameters?: Parameter[] } }> }>(
      '/docs-json',
    );
    for (const [path, { get }] of Object.entries(body.paths)) {
      if (!get) continue;
      const read = READS[path];
      expect({ path, known: read !== undefined }).toEqual({ path, known: true });
      if (read === undefined || typeof read === 'string') continue;
      const names = (get.parameters ?? [])
        .filter(
          (one) => one.in === 'query' && !['limit', 'after', 'fields', 'minRevision'].includes(one.name),
        )
        .map(({ name }) => name);
      expect({ path, names: Object.keys(read.query ?? {}).sort() }).toEqual({ path, names: names.sort() });
    }
  });

  it.each(Object.values(READS).flatMap((read) => (typeof read === 'string' ? [] : [read])))(
    'F21 $path goes by an index, on its first page and behind it, in as many statements for many items as for few',
    async (read) => {
      const wrong = [];
      for (const query of queriesOf(read)) {
        const first = await askFor(withQuery(read.path, query));
        wrong.push(...first.wrong);
        if (first.next === undefined) continue;
        const second = await askFor(withQuery(read.path, query, `after=${first.next}`));
        wrong.push(...second.wrong);
        expect((await askFor(withQuery(read.path, query, 'limit=1'))).statements).toBe(first.statements);
      }
      expect(wrong).toEqual([]);
    },
    START_MS,
  );
});

it('F21 an effective config that is known already is not read', async () => {
  const path = '/v1/effective-config';
  const known = (await site.call(path)).headers.get('etag') ?? '';
  const sent = await readsOf(site.dataSource, async () => {
    const { status } = await site.call(path, { headers: { 'if-none-match': known } });
    expect(status).toBe(304);
  });
  expect(sent).toHaveLength(1);
  expect(await complaints(site.dataSource, sent[0]!, LARGE_TABLES)).toEqual([]);
});

it.each(['301', '15000', '2026-01-01T04:10:00Z', '2026-01-01T08:00:00Z'])(
  'D19 F21 the effective config of %s is found without reading its history',
  async (moment) => {
    const path = `/v1/effective-config?at=${moment}`;
    const { body } = await site.call<{
      metadata: { annotations: Record<string, string> };
      spec: { resources: { metadata: { name: string }; spec: { version: number } }[] };
    }>(path);
    const generation = Number(body.metadata.annotations['signalbox.dev/generation']);
    const { generations, versions, versionedResources: count } = BIG;
    const step = (generations * count) / versions;
    const expected = Array.from({ length: count }, (_, j) => [
      `v${j}`,
      Math.floor((generation - 1 - Math.floor((j * step) / count)) / step),
    ]);
    const found = body.spec.resources.map(({ metadata, spec }) => [metadata.name, spec.version]);
    expect(new Map(found as [string, number][])).toEqual(new Map(expected as [string, number][]));
    expect((await askFor(path)).wrong).toEqual([]);
  },
);

it('F21 deliveries that are due are found by an index', async () => {
  await declare(FEDERATION_API, 'EventGroup', 'default', {
    nodeName: 'edge-1.test',
    auth: { secretFile: '/s/k' },
  });
  for (const name of ['east', 'west'])
    await declare(FEDERATION_API, 'EventPeer', name, {
      groupRef: 'default',
      nodeName: name,
      endpoint: 'http://127.0.0.1:1',
    });
  const lane = { group: 'default', doneUpTo: BIG.facts - 500, due: 1 };
  answer('federation', 'peers', {
    peers: [
      { ...lane, peer: 'east' },
      { ...lane, peer: 'west' },
    ],
  });
  const wrong = [];
  for (let after = ''; ;) {
    const page = await askFor(`/v1/deliveries?limit=100${after}`);
    wrong.push(...page.wrong);
    if (page.next === undefined || after.length > 0) break;
    after = `&after=${page.next}`;
  }
  for (const query of ['peer=east', 'status=pending', `eventId=e${BIG.facts}`])
    wrong.push(...(await askFor(`/v1/deliveries?${query}`)).wrong);
  expect(wrong).toEqual([]);
});

describe('pruning', () => {
  const UP_TO = 300;
  /** What one statement looks through, see `prune-rows.ts`. */
  const PORTION_BYTES = 8 * 1024 * 1024;

  it.each(siteProjections([]).filter(({ stream }) => stream === STREAMS.activity))(
    'F21 looks through the rows of $name in portions, none of which reads the whole table',
    async (projection) => {
      const sent = await readsOf(site.dataSource, () => pruneRows(site.bus, site.dataSource, projection, 1));
      const deletes = sent.filter(({ sql }) => sql.startsWith('delete'));
      const pruned = projection.tables.filter(({ record }) => record !== undefined).map(({ name }) => name);
      const sizes = await site.dataSource.query<{ name: string; portions: number }[]>(
        'select name, ceil(pg_relation_size(name::regclass) / $2::numeric)::integer as portions from unnest($1::text[]) as name',
        [pruned, PORTION_BYTES],
      );
      for (const { name, portions } of sizes) {
        const ofTable = deletes.filter(({ sql }) => sql.startsWith(`delete from ${name} `));
        expect({ name, portions: ofTable.length }).toEqual({ name, portions });
        if (portions < 2) continue;
        for (const { sql, values } of ofTable) {
          const plan = await site.dataSource.query<object[]>(`explain ${sql}`, [...values]);
          expect(JSON.stringify(plan)).not.toContain(`Seq Scan on ${name}`);
        }
      }
    },
  );

  it('F21 finds facts by their place in the stream', async () => {
    const { dataSource } = site;
    const counted = await readsOf(dataSource, async () => {
      expect(await firstTooMany(dataSource, 'default', UP_TO)).toBe(BIG.facts - UP_TO);
      expect(await factsUpTo(dataSource, 'default', UP_TO)).toBe(UP_TO);
    });
    const [deletion] = await readsOf(dataSource, () => deleteFactsUpTo(dataSource, 'default', 0));
    for (const one of [...counted, { ...deletion!, values: ['default', UP_TO] }])
      expect(await complaints(dataSource, one, LARGE_TABLES)).toEqual([]);
  });

  it('leaves of a backend the transition by which it came into its state, and nothing of a removed one', async () => {
    const { bus, dataSource } = site;
    await pruneRows(bus, dataSource, backendsProjection, BIG.transitions);
    const left = await dataSource.query<{ backend: string; version: number }[]>(
      `select backend, version from backend_transitions where backend in ('b7', 'b500')`,
    );
    expect(left).toEqual([{ backend: 'b7', version: BIG.transitions - 1000 + 7 }]);
  });
});
