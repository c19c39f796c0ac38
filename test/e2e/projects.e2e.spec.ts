import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Alarm, BALANCE_API, type Resource, subjectToken } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import {
  applyWorld,
  backend,
  type BackendDetail,
  frontend,
  type FrontendItem,
  historyOf,
  type TransitionItem,
  webCheck,
} from './balance-site.js';
import { EventStream } from './event-stream.js';
import { manifest, resource } from './manifests.js';
import { WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const [MINE, THEIRS] = ['127.20.40.11', '127.20.40.12'] as const;
const PROJECTS = ['default', 'lab'] as const;
type Project = (typeof PROJECTS)[number];

function within(project: Project, one: Resource): Resource {
  return { ...one, metadata: { ...one.metadata, project } };
}

/** The same names in both projects: a check, two backends and a frontend. What they say differs. */
function world(project: Project, port: number): Resource[] {
  const [address, vip, detail] =
    project === 'lab' ? [THEIRS, '192.0.2.2', '200'] : [MINE, '192.0.2.1', '200-299'];
  return [
    webCheck(port, { params: { path: '/', responseCode: detail } }),
    resource(BALANCE_API, 'HealthCheck', 'push', { type: 'push', rise: 1, fall: 1, params: { ttl: '1h' } }),
    backend('a', address, { healthcheck: 'web' }),
    backend('still', '192.0.2.9'),
    backend('job', '192.0.2.10', { healthcheck: 'push' }),
    frontend('shop', { first: { a: 100 }, second: { still: 50 } }, { address: vip }),
  ].map((one) => within(project, one));
}

describe('project is part of the identity of what balances traffic', () => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(MINE, THEIRS);
    site = await Site.start();
    await applyWorld(site, ...PROJECTS.flatMap((project) => world(project, servers.port)));
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  async function read<T>(path: string, project: Project): Promise<T> {
    const { status, body } = await site.rest<T>('GET', `${path}?project=${project}`);
    expect({ path, project, status }).toEqual({ path, project, status: 200 });
    return body;
  }

  const find = (name: string, project: Project): Promise<BackendDetail> =>
    read<BackendDetail>(`/v1/backends/${name}`, project);
  const becomes = (name: string, project: Project, state: string): Promise<boolean> =>
    until(`${name} of ${project} to be ${state}`, async () => (await find(name, project)).state === state);
  const history = async (name: string, project: Project): Promise<readonly string[]> =>
    historyOf(await site.all<TransitionItem>(`/v1/backends/${name}/transitions?project=${project}`));

  /** Effective weight of each backend of the frontend `shop`. */
  async function weights(project: Project): Promise<Record<string, number>> {
    const { pools } = await read<FrontendItem>('/v1/frontends/shop', project);
    return Object.fromEntries(
      pools.flatMap(({ backends }) => backends.map((one) => [one.name, one.effective])),
    );
  }

  async function weighs(project: Project, wanted: Record<string, number>): Promise<void> {
    const text = JSON.stringify(wanted);
    await until(
      `shop of ${project} to weigh ${text}`,
      async () => JSON.stringify(await weights(project)) === text,
    );
  }

  it('the same names stand side by side, and lists tell and take the project', async () => {
    for (const project of PROJECTS) {
      await becomes('a', project, 'up');
      await weighs(project, { a: 100, still: 0 });
    }
    const listed = await site.all<{ name: string; project?: string }>('/v1/backends');
    expect(listed.map(({ name, project }) => `${project ?? ''} ${name}`).sort()).toEqual(
      [' a', ' job', ' still', 'lab a', 'lab job', 'lab still'].sort(),
    );
    for (const noun of ['backends', 'frontends', 'healthchecks'])
      for (const project of PROJECTS) {
        const items = await site.all<{ name: string; project?: string }>(`/v1/${noun}?project=${project}`);
        expect(new Set(items.map((one) => one.project ?? 'default'))).toEqual(new Set([project]));
      }
    expect(await find('a', 'default')).not.toHaveProperty('project');
    expect(await find('a', 'default')).toMatchObject({
      address: MINE,
      healthcheck: 'web',
      frontends: ['shop'],
    });
    expect(await find('a', 'lab')).toMatchObject({
      project: 'lab',
      address: THEIRS,
      healthcheck: 'web',
      frontends: ['shop'],
    });
    expect(await read('/v1/healthchecks/web', 'lab')).toMatchObject({
      spec: { params: { responseCode: '200' } },
      backends: ['a'],
    });
    expect(await site.rest('GET', '/v1/backends/a?project=ops')).toMatchObject({
      status: 404,
      body: {
        detail: 'there is no backend a in project ops: GET /v1/backends?project=ops lists what there is',
      },
    });
  });

  it('states, weights and alarms of one do not touch the other', async () => {
    const events = await EventStream.open(site, 'project=lab&name=a');
    try {
      servers.at(THEIRS).say({ status: 503 });
      await becomes('a', 'lab', 'down');
      await weighs('lab', { a: 0, still: 50 });
      expect(await find('a', 'default')).toMatchObject({ state: 'up' });
      expect(await weights('default')).toEqual({ a: 100, still: 0 });
      const event = await events.seen('the transition', ({ data }) => data.to === 'down');
      expect(event.data).toMatchObject({ type: 'backend', backend: 'lab/a', project: 'lab' });
      expect(events.events.filter(({ data }) => data.backend !== 'lab/a')).toEqual([]);
    } finally {
      await events.close();
    }
    const alarms = await site.json<Alarm[]>('show', 'alarms');
    expect(alarms).toMatchObject([{ kind: 'backend-down', name: 'lab/a', project: 'lab' }]);
    const hours = { from: '2020-01-01T00:00:00Z', to: '2120-01-01T00:00:00Z', backends: ['a'] };
    const window = resource(BALANCE_API, 'MaintenanceWindow', 'move', hours);
    const silencedBy = async (project: Project): Promise<string | undefined> => {
      await site.rest('POST', '/v1/apply?set=window', manifest(within(project, window)));
      return (await site.json<Alarm[]>('show', 'alarms'))[0]?.silencedBy;
    };
    expect(await silencedBy('default')).toBeUndefined();
    expect(await silencedBy('lab')).toBe('MaintenanceWindow/lab/move');
    servers.at(THEIRS).say({ status: 200 });
    await becomes('a', 'lab', 'up');
  });

  it('metrics of the default project have no label project, those of another have one', async () => {
    const lines = (await site.metrics()).split('\n');
    const stateOf = (address: string, project: string): string =>
      `maglev_backend_state{address="${address}",backend="a",healthcheck="web",${project}state="up"} 1`;
    expect(lines).toContain(stateOf(MINE, ''));
    expect(lines).toContain(stateOf(THEIRS, 'project="lab",'));
    const weight = 'maglev_frontend_pool_backend_weight{backend="a",frontend="shop",pool="first"';
    expect(lines).toContain(`${weight}} 100`);
    expect(lines).toContain(`${weight},project="lab"} 100`);
    const probes = lines.filter((line) => line.startsWith('maglev_probe_total{backend="a"'));
    expect(probes.some((line) => line.includes(',project="lab",'))).toBe(true);
    expect(probes.some((line) => !line.includes('project='))).toBe(true);
    expect(lines.filter((line) => /(backend|frontend)="lab\//.test(line))).toEqual([]);
  });

  it('commands, weights and heartbeats go to the one that is named', async () => {
    const paused = await site.cli('set', 'backend', 'a', 'pause', '--project', 'lab', '--reason', 'theirs');
    expect(paused).toMatchObject({ code: 0, stdout: 'a: paused (was up)\n' });
    await weighs('lab', { a: 0, still: 50 });
    expect(await find('a', 'default')).toMatchObject({ state: 'up' });

    const words = ['set', 'frontend', 'shop', 'pool', 'second', 'backend', 'still', 'weight', '7'];
    const set = await site.cli(...words, '--project', 'lab');
    expect(set).toMatchObject({ code: 0, stdout: 'still weight 7 effective 7\n' });
    expect(await weights('lab')).toEqual({ a: 0, still: 7 });
    expect(await weights('default')).toEqual({ a: 100, still: 0 });
    const mine = await read<FrontendItem>('/v1/frontends/shop', 'default');
    expect(mine.pools[1]?.backends[0]).toMatchObject({ weight: 50 });

    expect(await site.rest('POST', '/v1/backends/job/heartbeat?project=lab')).toMatchObject({ status: 202 });
    await becomes('job', 'lab', 'up');
    expect(await find('job', 'default')).toMatchObject({ state: 'unknown' });
    const nats = await site.rawNats();
    const failed = JSON.stringify({ ok: false });
    await nats.request(`heartbeat.${subjectToken('lab/job')}`, failed);
    await becomes('job', 'lab', 'down');
    await nats.request('heartbeat.job', '');
    await becomes('job', 'default', 'up');
    expect(await find('job', 'lab')).toMatchObject({ state: 'down' });
    nats.close();
  });

  it('both are as they were after a kill', async () => {
    const before = await Promise.all(PROJECTS.map((project) => history('a', project)));
    await site.kill();
    await site.up();
    expect(await find('a', 'lab')).toMatchObject({ state: 'paused', by: { reason: 'theirs' } });
    expect(await find('a', 'default')).toMatchObject({ state: 'up' });
    expect(await weights('lab')).toEqual({ a: 0, still: 7 });
    expect(await weights('default')).toEqual({ a: 100, still: 0 });
    expect(await Promise.all(PROJECTS.map((project) => history('a', project)))).toEqual(before);
  });

  it('a reference to what only another project has, and a VIP that another has, are refused', async () => {
    await site.rest('POST', '/v1/apply', manifest(backend('mine', '192.0.2.30')));
    const wrong = within('lab', frontend('wrong', { first: { mine: 1 } }, { address: '192.0.2.3' }));
    expect(await site.rest('POST', '/v1/apply', manifest(wrong))).toMatchObject({
      status: 422,
      body: {
        code: 'reference-missing',
        detail: expect.stringContaining('Backend/mine does not exist in project lab'),
      },
    });
    const taken = within('lab', frontend('taken', { first: { a: 1 } }, { address: '192.0.2.1' }));
    expect(await site.rest('POST', '/v1/apply', manifest(taken))).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('another project already serves all ports of 192.0.2.1') },
    });
    const checker = within('lab', resource(BALANCE_API, 'HealthChecker', 'default', {}));
    expect(await site.rest('POST', '/v1/apply', manifest(checker))).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'must be default: there is one for all projects' }] },
    });
  });

  it('what is deleted in one stays in the other, without a record', async () => {
    const before = await history('a', 'default');
    await applyWorld(site, ...world('default', servers.port));
    await becomes('a', 'lab', 'removed');
    expect(await site.rest('GET', '/v1/frontends/shop?project=lab')).toMatchObject({ status: 404 });
    expect(await site.all('/v1/frontends?project=lab')).toEqual([]);
    expect(await history('a', 'default')).toEqual(before);
    expect(await weights('default')).toEqual({ a: 100, still: 0 });
    expect(await site.metrics()).not.toContain('project="lab"');
  });
});
