import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BALANCE_API, QUOTA_KINDS, type QuotaKind, type Resource } from '@signalbox/contracts';
import type { Problem } from '@signalbox/runtime';
import { Site, until } from '@signalbox/testing';
import type { ProjectItem, QuotaItem } from '../../apps/cli/src/rest/answers.js';
import type { VipClaimItem, VipPoolItem } from '../../apps/cli/src/rest/answers.js';
import { EventStream } from './event-stream.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { activePart, emit, endedRun, partsOf } from './site-activity.js';
import { ACME, BETA, marksOf, siteWorld, type Tenant, tenantWorld, within } from './tenant-world.js';

jest.setTimeout(300_000);

const TENANTS = [
  { mine: ACME, theirs: BETA },
  { mine: BETA, theirs: ACME },
] as const;

const UNDER = '/v1/orgs/{org}/projects/{project}';

/** Parameters of paths of items that each tenant has under the same name. */
const SAME: Readonly<Record<string, string>> = { kind: 'Pool', pool: 'same', name: 'same' };

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

interface Item {
  readonly name: string;
  readonly project?: string;
}

/** Where a resource came from names runs, facts and people of the site: it takes a project, and is not offered below one. */
const OF_THE_SITE = '/v1/effective-config/resources/';

describe('issue 13 tenants', () => {
  let site: Site;
  /** Paths of the OpenAPI document that can be read, with their query parameters. */
  let reads: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    site = await Site.start();
    const { body } = await site.rest<{ paths: Record<string, { get?: Operation }> }>('GET', '/docs-json');
    reads = new Map(
      Object.entries(body.paths).flatMap(([path, { get }]): [string, string[]][] => {
        if (!get) return [];
        const query = (get.parameters ?? []).filter((one) => one.in === 'query');
        return [[path, query.map(({ name }) => name)]];
      }),
    );
    expect(await apply(...siteWorld())).toMatchObject({ status: 200 });
    const applied = await apply(...tenantWorld(ACME), ...tenantWorld(BETA));
    expect({ status: applied.status, errors: applied.body.errors }).toEqual({ status: 200 });
    for (const { mine } of TENANTS) {
      const quota = { project: mine.project, limits: { Pool: 100 }, description: mine.secret };
      expect(await apply(resource(BALANCE_API, 'Quota', quotaOf(mine), quota))).toMatchObject({
        status: 200,
      });
      await until('both claims to be granted', async () => {
        const claims = await site.all<VipClaimItem>(below(mine, '/vipclaims'));
        return claims.length === 2 && claims.every(({ state }) => state === 'leased');
      });
    }
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  function apply(...resources: readonly Resource[]) {
    return site.rest<Problem>('POST', '/v1/apply?wait=60s', manifest(...resources));
  }

  function below({ org, project }: Pick<Tenant, 'org' | 'project'>, path: string): string {
    return `/v1/orgs/${org}/projects/${project}${path}`;
  }

  /** Name of the quota that a tenant has from the beginning. */
  function quotaOf({ project }: Tenant): string {
    return `quota-of-${project}`;
  }

  /** Paths below a project, without what stands before them. */
  function tenantPaths(): string[] {
    return [...reads.keys()]
      .filter((path) => path.startsWith(`${UNDER}/`))
      .map((path) => path.slice(UNDER.length));
  }

  /** A path with names in place of its parameters. */
  function filled(tenant: Tenant, path: string, names = SAME): string {
    if (path.includes('/vippools/')) return path.replace('{name}', 'edge');
    if (path.includes('/quotas/') && names === SAME) return path.replace('{name}', quotaOf(tenant));
    if (path.includes('/vips/')) return path.replace('{address}', tenant.vip);
    const front = path.includes('/frontends/') ? '-front' : '';
    const valueOf = (name: string): string => `${names[name]}${name === 'name' ? front : ''}`;
    return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)));
  }

  /** Fails when an answer tells anything of a tenant; addresses that it was leased are asked for anew. */
  async function tellsNothingOf(theirs: Tenant, path: string, body: unknown): Promise<void> {
    const leased = (await site.all<VipClaimItem>(below(theirs, '/vipclaims'))).map(
      ({ address }) => `"${address}"`,
    );
    const text = JSON.stringify(body);
    const told = [...marksOf(theirs), ...leased].filter((mark) => text.includes(mark));
    expect({ path, told }).toEqual({ path, told: [] });
  }

  it.each(TENANTS)(
    '$mine.org sees all of its own and nothing of $theirs.org, by every route',
    async ({ mine, theirs }) => {
      const seen: Record<string, number> = {};
      for (const path of tenantPaths().filter((one) => one !== '/stream')) {
        const asked = below(mine, filled(mine, path));
        const { status, body } = await site.rest<{ items?: unknown[] }>('GET', asked);
        expect({ asked, status }).toEqual({ asked, status: 200 });
        await tellsNothingOf(theirs, asked, body);
        seen[path] = body.items?.length ?? 1;
      }
      expect(seen).toMatchObject({
        '/backends': 6,
        '/backendsources': 2,
        '/frontends': 2,
        '/healthchecks': 2,
        '/listeners': 4,
        '/loadbalancers': 4,
        '/pools': 4,
        '/vipclaims': 2,
        '/quotas': 1,
        '/resources': tenantWorld(mine).length,
        '/vippools/{name}/addresses': 2,
        '/loadbalancers/{name}/tree': 1,
      });
    },
  );

  it.each(TENANTS)('the routes of the site tell a project of $mine.org as much', async ({ mine, theirs }) => {
    const asked = [...reads].filter(([path, query]) => query.includes('project') && !path.startsWith(UNDER));
    expect(asked.length).toBeGreaterThan(15);
    for (const [path] of asked.filter(([path]) => path !== '/v1/stream')) {
      const url = `${filled(mine, path)}?project=${mine.project}`;
      const own = `${UNDER}${path.slice('/v1'.length)}`;
      const { status, body } = await site.rest('GET', url);
      expect({ url, status }).toEqual({ url, status: 200 });
      await tellsNothingOf(theirs, url, body);
      if (path.startsWith(OF_THE_SITE)) continue;
      expect({ own, known: reads.has(own) }).toEqual({ own, known: true });
      const again = await site.rest('GET', below(mine, filled(mine, own.slice(UNDER.length))));
      expect(withoutAges(again.body)).toEqual(withoutAges(body));
    }
  });

  it('the event stream of a project is of that project', async () => {
    const stream = await EventStream.open(site, 'kind=backend', undefined, below(ACME, '/stream'));
    try {
      await stream.seen('its static backend', ({ data }) => data.backend === 'acme-web/same-static');
      await site.rest('POST', `/v1/backends/same/heartbeat?project=${BETA.project}`);
      await site.rest('POST', below(ACME, '/backends/same/heartbeat'));
      await stream.seen(
        'its own heartbeat',
        ({ data }) => data.backend === 'acme-web/same' && data.to === 'up',
      );
      await tellsNothingOf(BETA, 'stream', stream.events);
      expect(new Set(stream.events.map(({ data }) => data.project))).toEqual(new Set([ACME.project]));
    } finally {
      await stream.close();
    }
  });

  it('an org, a project or a resource of another tenant is as if it were not there', async () => {
    const answered = async (path: string): Promise<unknown> => {
      const { status, body } = await site.rest<Problem>('GET', path);
      const { instance: _instance, ...rest } = body;
      return { ...rest, status };
    };
    const [own, other] = [below(ACME, ''), below({ org: ACME.org, project: BETA.project }, '')];
    for (const path of ['', ...tenantPaths().map((one) => filled(BETA, one))]) {
      const missing = `/v1/orgs/acme/projects/nowhere${path}`;
      const expected = JSON.parse(
        JSON.stringify(await answered(missing)).replaceAll('nowhere', BETA.project),
      ) as unknown;
      expect(expected).toMatchObject({ status: 404, code: 'not-found' });
      expect(await answered(`${other}${path}`)).toEqual(expected);
      expect(await answered(`/v1/orgs/nobody/projects/${ACME.project}${path}`)).toMatchObject({
        status: 404,
      });
      expect(await answered(`/v1/orgs/${BETA.org}/projects/${ACME.project}${path}`)).toMatchObject({
        status: 404,
      });
    }
    const items = tenantPaths().filter(
      (path) => /\{(name|kind)\}/.test(path) && !path.includes('/addresses'),
    );
    for (const path of items.filter((one) => !one.includes('/vippools/'))) {
      const ask = (name: string) => answered(`${own}${filled(ACME, path, { ...SAME, name })}`);
      const missing = JSON.stringify(await ask('only-of-nobody')).replaceAll('only-of-nobody', BETA.only);
      expect(await ask(BETA.only)).toEqual(JSON.parse(missing));
      expect(JSON.parse(missing)).toMatchObject({ status: 404, code: 'not-found' });
    }
    expect((await fetch(`${site.url}${own}/backends`)).status).toBe(401);
    const pool = (name: string) => answered(`${own}/vippools/${name}`);
    expect(await pool(`pool-${BETA.only}`)).toMatchObject({ status: 404 });
    expect(await site.all(`${own}/vippools/pool-${BETA.only}/addresses`)).toEqual([]);
    expect(await answered(`${own}/backends?project=${BETA.project}`)).toMatchObject({
      status: 422,
      errors: [{ pointer: '/project', message: 'stands in the path: leave it out of the query' }],
    });
  });

  it('a reference to what another tenant has is refused like one to what is not there', async () => {
    const claim = { loadBalancer: 'same', protocol: 'tcp', port: 99, pools: ['same'] };
    const references: readonly ((name: string) => readonly [kind: string, name: string, spec: object])[] = [
      (name) => ['Backend', 'new', { address: '10.71.9.9', healthcheck: name }],
      (name) => ['Backend', 'new', { address: '10.71.9.9', dependsOn: [name] }],
      (name) => ['Pool', 'new', { backends: { [name]: {} } }],
      (name) => ['PoolMember', `pool/same/${name}`, { poolRef: 'same', backendRef: name }],
      (name) => ['PoolMember', `pool/${name}/same`, { poolRef: name, backendRef: 'same' }],
      (name) => ['Listener', 'new', { ...claim, loadBalancer: name }],
      (name) => ['Listener', 'new', { ...claim, pools: [name] }],
      (name) => [
        'Listener',
        'new',
        { ...claim, protocol: 'terminated-https', tls: { certificates: [name] } },
      ],
      (name) => ['LoadBalancer', 'new', { vipClaim: name }],
      (name) => ['L7Policy', 'new', { listener: name, action: 'reject', position: 7 }],
      (name) => ['L7Rule', 'new', { policy: name, type: 'path', compare: 'equal-to', value: '/' }],
      (name) => ['VipClaim', 'new', { pool: `pool-${name}` }],
    ];
    for (const reference of references) {
      const ask = async (name: string) => {
        const [kind, own, spec] = reference(name);
        const { status, body } = await apply(within(ACME.project, resource(BALANCE_API, kind, own, spec)));
        return { status, body };
      };
      const found = await ask(BETA.only);
      const missing = await ask('only-of-nobody');
      expect(found).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
      expect(found).toEqual(JSON.parse(JSON.stringify(missing).replaceAll('only-of-nobody', BETA.only)));
      expect(JSON.stringify(found)).not.toContain(BETA.project);
    }
  });

  it('an address and a port that another tenant serves are refused without its name', async () => {
    const taken = {
      ...{ address: BETA.vip, protocol: 'tcp', port: 80 },
      pools: [{ name: 'main', backends: { same: {} } }],
    };
    const { status, body } = await apply(
      within(ACME.project, resource(BALANCE_API, 'Frontend', 'taken', taken)),
    );
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'validation-failed' });
    expect(body.detail).toContain(`another project already serves tcp port 80 of ${BETA.vip}`);
    await tellsNothingOf({ ...BETA, vip: 'what was asked for itself' }, 'apply', body);
    const [{ address } = { address: '' }] = await site.all<VipClaimItem>(below(BETA, '/vipclaims'));
    expect(
      await apply(within(ACME.project, resource(BALANCE_API, 'VipClaim', 'late', { address }))),
    ).toMatchObject({
      status: 200,
    });
    const late = await until('the claim to wait', async () => {
      const { body: found } = await site.rest<VipClaimItem>('GET', below(ACME, '/vipclaims/late'));
      return found.state === 'waiting' && found;
    });
    expect(late).toMatchObject({ code: 'vip-taken', reason: `${address} is held by another project` });
    const alarms = await site.rest<{ items: object[] }>('GET', below(ACME, '/alarms'));
    expect(alarms.body.items).toContainEqual(
      expect.objectContaining({ kind: 'vip-missing', project: ACME.project }),
    );
    const others = await site.rest<{ items: object[] }>('GET', below(BETA, '/alarms'));
    expect(JSON.stringify(others.body)).not.toContain('vip-missing');
    await site.rest('DELETE', below(ACME, '/resources/VipClaim/late'));
  });

  it('changes below a project change nothing of another one', async () => {
    const before = await site.all<Item>(`/v1/resources?project=${BETA.project}`);
    expect(await site.rest('PUT', below(ACME, '/pools/same/members'), { members: [] })).toMatchObject({
      status: 200,
    });
    expect(await site.rest('POST', below(ACME, '/backends/same-static/pause'))).toMatchObject({
      status: 200,
    });
    expect(await site.rest('POST', below(ACME, '/backends/same-front/drain'))).toMatchObject({ status: 200 });
    expect(await site.rest('POST', below(ACME, `/backends/${BETA.only}/pause`))).toMatchObject({
      status: 404,
    });
    expect(await site.rest('DELETE', below(ACME, `/resources/Pool/${BETA.only}`))).toMatchObject({
      status: 404,
    });
    const source = below(ACME, '/resources/BackendSource/same'); // it joins the pool, which stays while it does
    expect(await site.rest('DELETE', source)).toMatchObject({ status: 200 });
    const gone = await site.rest('DELETE', below(ACME, '/resources/LoadBalancer/same?cascade=true'));
    expect(gone).toMatchObject({ status: 200 });
    await tellsNothingOf(BETA, 'cascade', gone.body);
    expect(await site.all<Item>(`/v1/resources?project=${BETA.project}`)).toEqual(before);
    const { body } = await site.rest('GET', below(BETA, '/backends/same-static'));
    expect(body).toMatchObject({ state: 'up' });
    expect(await apply(...tenantWorld(ACME))).toMatchObject({ status: 200 });
    await site.rest('POST', below(ACME, '/backends/same-static/resume'));
    await site.rest('POST', below(ACME, '/backends/same-front/undrain'));
  });

  it('sets and bundles of two projects may be called alike, and an apply below a project stays in it', async () => {
    const pool = (name: string): Resource => resource(BALANCE_API, 'Pool', name, {});
    const bundle = (...resources: readonly Resource[]): string =>
      JSON.stringify({
        ...{ apiVersion: 'routerd.net/v1alpha1', kind: 'Router', metadata: { name: 'alike' } },
        spec: { resources },
      });
    const send = (tenant: Tenant, query: string, body: string) =>
      site.rest<Problem>('POST', below(tenant, `/apply?wait=60s${query}`), body);
    for (const { mine } of TENANTS) {
      expect(await send(mine, '&set=alike', manifest(pool('s1'), pool('s2')))).toMatchObject({ status: 200 });
      expect(await send(mine, '', bundle(pool('r1'), pool('r2')))).toMatchObject({ status: 200 });
    }
    const theirs = await site.all<Item>(`/v1/resources?kind=Pool&project=${BETA.project}`);
    const dropped = [
      await send(ACME, '&set=alike', manifest(pool('s1'))),
      await send(ACME, '', bundle(pool('r1'))),
    ];
    for (const { body } of dropped) {
      const plan = (body as unknown as { plan: readonly { action: string }[] }).plan;
      expect(plan.filter(({ action }) => action === 'removed')).toHaveLength(1);
      await tellsNothingOf(BETA, 'apply', body);
    }
    expect(await site.all<Item>(`/v1/resources?kind=Pool&project=${BETA.project}`)).toEqual(theirs);
    const strange = await send(ACME, '', manifest(within(BETA.project, pool('s1')), pool('s3')));
    expect(strange).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer: '/0/metadata/project' }] },
    });
    expect(await send(ACME, '', manifest(resource(BALANCE_API, 'Org', 'mine', {})))).toMatchObject({
      status: 422,
    });
    for (const { mine } of TENANTS) {
      for (const name of ['s1', 's2', 'r1', 'r2'])
        await site.rest('DELETE', below(mine, `/resources/Pool/${name}`));
      expect(await site.all<Item>(below(mine, '/resources?kind=Pool'))).toHaveLength(2);
    }
  });

  it('what each has is counted for it alone, and shown as it is enforced', async () => {
    const counts = countsOf(tenantWorld(ACME));
    await apply(within(BETA.project, resource(BALANCE_API, 'Backend', 'more', { address: '10.72.9.1' })));
    const project = await site.json<ProjectItem>('show', 'projects', ACME.project);
    expect(Object.fromEntries((project.use ?? []).map(({ kind, used }) => [kind, used]))).toEqual(counts);
    const limits = { VipClaim: counts.VipClaim!, Pool: 100 };
    expect(
      await apply(
        resource(BALANCE_API, 'Quota', 'acme', { org: ACME.org, limits }),
        resource(BALANCE_API, 'Quota', 'beta', { org: BETA.org, limits: { VipClaim: 1 } }),
      ),
    ).toMatchObject({ status: 200 });
    const claim = (tenant: Tenant, name: string) =>
      apply(within(tenant.project, resource(BALANCE_API, 'VipClaim', name, {})));
    const refused = await claim(ACME, 'more');
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'quota-exceeded', errors: [{ pointer: '/0' }] },
    });
    expect(refused.body.detail).toContain('Quota/acme allows 2 of kind VipClaim in org acme: there are 2');
    const shown = await site.cli('show', 'quotas', '--project', ACME.project);
    expect(shown.stdout).toMatch(/^acme +acme +- +Pool 2\/100,VipClaim 2\/2$/m);
    expect(shown.stdout).not.toContain('beta');
    const lowered = await site.json<QuotaItem>('show', 'quota', 'beta');
    expect(lowered.limits).toEqual([{ kind: 'VipClaim', limit: 1, used: 2 }]);
    expect(await site.all<VipClaimItem>(below(BETA, '/vipclaims'))).toHaveLength(2);
    expect(await claim(BETA, BETA.only)).toMatchObject({ status: 200 });
  });

  it('a part that would exceed a quota is rejected, and the last one stays', async () => {
    const counts = countsOf(tenantWorld(ACME));
    const limits = { Backend: counts.Backend! + 1 };
    await apply(
      resource(BALANCE_API, 'Quota', 'backends', { project: ACME.project, limits }),
      plugin('server', await site.addPlugin('server', serverOf(ACME.project))),
      subscription('servers', 'server.seen', 'server'),
    );
    const announce = async (id: string): Promise<string> => {
      await emit(site, { id, type: 'server.seen', subject: id, payload: { address: '10.71.8.8' } });
      return id;
    };
    await activePart(site, 'servers', await announce('one'));
    expect(await endedRun(site, 'servers', await announce('two'))).toMatchObject({
      state: 'failed',
      errorCode: 'quota-exceeded',
    });
    const [rejected] = (await partsOf(site, 'servers')).filter(({ state }) => state !== 'active');
    expect(rejected).toBeUndefined();
    expect(await site.rest('GET', below(ACME, '/backends/one'))).toMatchObject({ status: 200 });
    expect(await site.rest('GET', below(ACME, '/backends/two'))).toMatchObject({ status: 404 });
    const people = within(ACME.project, resource(BALANCE_API, 'Backend', 'three', { address: '10.71.8.9' }));
    expect(await apply(people)).toMatchObject({ status: 403, body: { code: 'quota-exceeded' } });

    await apply(
      resource(BALANCE_API, 'Quota', 'backends', { project: ACME.project, limits: { Backend: 0 } }),
    );
    expect(await endedRun(site, 'servers', await announce('one-again'))).toMatchObject({ state: 'failed' });
    const standing = await site.all<Item>(below(ACME, '/backends'));
    expect(standing).toHaveLength(counts.Backend! + 1);
    await site.rest('DELETE', '/v1/resources/Quota/backends');
    await activePart(site, 'servers', await announce('four'));
  });

  it('an Org with projects and a Project with resources stay, and who stands in the way is told', async () => {
    await site.rest('DELETE', '/v1/resources/Quota/beta');
    const org = await site.rest<Problem>('DELETE', `/v1/resources/Org/${BETA.org}`);
    expect(org).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
    expect(org.body.detail).toContain(`Project/${BETA.project}: Org/${BETA.org} does not exist`);
    await site.rest('DELETE', `/v1/resources/Quota/${quotaOf(BETA)}`);
    const project = await site.rest<Problem>('DELETE', `/v1/resources/Project/${BETA.project}`);
    expect(project).toMatchObject({ status: 422, body: { code: 'reference-missing' } });
    expect(project.body.detail).toMatch(
      /^Project\/beta-web: has Backend\/beta-web\/\S+, .* and \d+ more in it: delete them first/,
    );
    expect(await site.rest('GET', below(BETA, '/listeners/same'))).toMatchObject({ status: 200 });
  });

  it('a pool of VIPs tells a project what it has of it, and nothing of others', async () => {
    const { body } = await site.rest<VipPoolItem>('GET', below(ACME, '/vippools/edge'));
    expect(body).toMatchObject({ name: 'edge', size: 14, used: 2 });
    for (const field of ['free', 'quarantined', 'projects']) expect(body).not.toHaveProperty(field);
    const names = async (tenant: Tenant) =>
      (await site.all<VipPoolItem>(below(tenant, '/vippools'))).map(({ name }) => name);
    expect(await names(ACME)).toEqual(['edge']);
    expect(await names(BETA)).toEqual(['edge', `pool-${BETA.only}`]);
  });

  it('projects that nobody declared work as before, of no org', async () => {
    const free = within('free', resource(BALANCE_API, 'Backend', 'b', { address: '10.73.0.1' }));
    expect(await apply(free)).toMatchObject({ status: 200 });
    await until('its backend', async () => (await site.all<Item>('/v1/backends?project=free')).length === 1);
    expect(await site.rest('GET', '/v1/projects/free')).toMatchObject({ status: 404 });
    for (const org of ['acme', 'free'])
      expect(await site.rest('GET', `/v1/orgs/${org}/projects/free/backends`)).toMatchObject({ status: 404 });
  });

  it('tenants, quotas and what they have outlive a restart', async () => {
    const read = async () => [
      await site.all<Item>('/v1/orgs'),
      await site.all<Item>(`/v1/orgs/${ACME.org}/projects`),
      await site.json<ProjectItem>('show', 'project', ACME.project),
    ];
    const before = await read();
    await site.shutDown();
    await site.up();
    expect(await read()).toEqual(before);
    const claim = within(ACME.project, resource(BALANCE_API, 'VipClaim', 'more', {}));
    expect(await apply(claim)).toMatchObject({ status: 403, body: { code: 'quota-exceeded' } });
    expect(await site.differences()).toBe('');
  });
});

/** How many resources of each kind that quotas count. */
function countsOf(resources: readonly Resource[]): Partial<Record<QuotaKind, number>> {
  const counts: Partial<Record<QuotaKind, number>> = {};
  for (const kind of QUOTA_KINDS) {
    const found = resources.filter((one) => one.kind === kind).length;
    if (found > 0) counts[kind] = found;
  }
  return counts;
}

/** An answer without what differs from one question to the next. */
function withoutAges(body: unknown): unknown {
  const text = JSON.stringify(body, (key, value: unknown) => (key === 'vitals' ? undefined : value));
  const told = JSON.parse(text) as Record<string, unknown>;
  // counters are told with the time of the question
  return 'silent' in told ? { ...told, at: undefined } : told;
}

/** Turns a fact {subject, payload: {address}} into a Backend of a project named after the subject. */
function serverOf(project: string): string {
  const backend = {
    apiVersion: BALANCE_API,
    kind: 'Backend',
    metadata: { name: '\\1', project },
    spec: { address: '\\2' },
  };
  const result = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'server' },
    status: { ttl: '1h', resources: [backend] },
  };
  const text = JSON.stringify(result).replaceAll('\\\\', '\\');
  return `#!/bin/sh
exec sed -E 's|.*"subject":"([^"]*)".*"payload":[{]"address":"([^"]*)"[}].*|${text}|'
`;
}
