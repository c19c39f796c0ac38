import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CONFIG_API, HYBRID_API, refKey, type Resource } from '@signalbox/contracts';
import { RawNats, Site, until } from '@signalbox/testing';
import type { Effect } from '../../apps/cli/src/rest/answers.js';
import type { ApplyAnswer, ConfigChanges, RevisionItem } from '../../apps/cli/src/rest/answers.js';
import { backend, findFrontend, frontend, webCheck, weighs } from './balance-site.js';
import { claimWorld } from './claim-world.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { activePart, emit, endedRun, partsOf } from './site-activity.js';

jest.setTimeout(300_000);

const SET = 'world';
const CLAIM = {
  apiVersion: HYBRID_API,
  kind: 'RemoteAddressClaim',
  metadata: { name: 'claim' },
  spec: {
    domainRef: 'edge-lan',
    address: '10.88.60.9/32',
    ownerSide: 'onprem',
    capture: { type: 'proxy-arp', interface: 'eth0' },
    delivery: { peerRef: 'onprem-main', mode: 'route' },
  },
};
const ROUTE = resource('net.example.net/v1', 'StaticRoute', 'old', { via: '192.0.2.1' });
const TARGET = { apiVersion: ROUTE.apiVersion, kind: ROUTE.kind, name: 'old' };
const MASK = { op: 'mask', target: TARGET };
const POLICY = resource(CONFIG_API, 'DynamicOverridePolicy', 'repair', {
  allow: [
    {
      source: 'EventSubscription/routes',
      operations: ['mask'],
      targets: [TARGET],
    },
  ],
});

/** A plugin that always proposes the same. */
function proposing(status: object): string {
  const result = {
    ...{ apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'PluginResult', metadata: { name: 'same' } },
    status: { ttl: '1h', ...status },
  };
  return `#!/bin/sh\ncat >/dev/null\ncat <<'RESULT'\n${JSON.stringify(result)}\nRESULT\n`;
}

/** Without what only one of a plan and the history has. */
function changesOf(changes: readonly object[]): object[] {
  return changes.map(({ revision: _revision, ...change }: { revision?: number }) => change);
}

/** Each test goes on where the last one ended. */
describe('what a dry run says would follow', () => {
  let site: Site;
  let nats: RawNats;
  let world: readonly Resource[];

  beforeAll(async () => {
    site = await Site.start({ shape: 'services' });
    nats = await RawNats.connect(site.nats.url, await site.natsSeed('operator'));
    const claims = await site.addPlugin('claims', proposing({ resources: [CLAIM] }));
    const routes = await site.addPlugin('routes', proposing({ directives: [MASK] }));
    world = [
      ...claimWorld(),
      plugin('claims', claims),
      subscription('claims', 'host.seen', 'claims', { retry: { maxAttempts: 1 } }),
      plugin('routes', routes),
      subscription('routes', 'line.down', 'routes', { retry: { maxAttempts: 1 } }),
      ROUTE,
      POLICY,
      backend('a', '10.0.0.1'),
      backend('b', '10.0.0.2'),
      frontend('web', { main: { a: 100, b: 100 } }),
    ];
    await applied(world);
    await emit(site, { id: 'seen', type: 'host.seen', subject: 'h' });
    await activePart(site, 'claims', 'seen');
    await emit(site, { id: 'down', type: 'line.down', subject: 'l' });
    expect(await endedRun(site, 'routes', 'down')).toMatchObject({ state: 'succeeded' });
    await weighs(site, 'web', { a: 100, b: 100 });
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
  }, 300_000);

  async function sent(resources: readonly Resource[], query: string): Promise<ApplyAnswer> {
    const answer = await site.rest<ApplyAnswer>(
      'POST',
      `/v1/apply?set=${SET}&${query}`,
      manifest(...resources),
    );
    expect(answer.status).toBe(200);
    return answer.body;
  }

  function applied(resources: readonly Resource[]): Promise<ApplyAnswer> {
    return sent(resources, 'wait=60s');
  }

  async function planned(resources: readonly Resource[]): Promise<Effect> {
    const { effect } = await sent(resources, 'dryRun=true');
    return effect!;
  }

  /** Says what it would do, does it, and holds what came of it against what was said. */
  async function foretold(resources: readonly Resource[]): Promise<Effect> {
    const { effective, ...effect } = await planned(resources);
    expect(effect.unanswered).toEqual([]);
    const { generation, changes } = effective!;
    await applied(resources);
    const path = `/v1/effective-config/changes?from=${generation}&limit=1000`;
    await until('the effective config to be as was said', async () => {
      const { body } = await site.rest<ConfigChanges>('GET', path);
      expect(changesOf(body.items).length).toBeLessThanOrEqual(changes.length);
      return body.items.length === changes.length;
    });
    const { body } = await site.rest<ConfigChanges>('GET', path);
    expect(changesOf(body.items)).toEqual(changes);
    for (const { frontend: name, targets } of effect.weights!.frontends) {
      const { pools } = await findFrontend(site, name);
      const weights = new Map(
        pools.flatMap((pool) => pool.backends.map((one) => [`${pool.name} ${one.name}`, one.effective])),
      );
      for (const { pool, backend: server, after } of targets)
        expect([server, weights.get(`${pool} ${server}`)]).toEqual([server, after?.effective]);
    }
    return { effective: effective!, ...effect };
  }

  const without = (...gone: readonly Resource[]): readonly Resource[] => {
    const keys = new Set(gone.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    return world.filter(({ kind, metadata }) => !keys.has(`${kind}/${metadata.name}`));
  };
  const domain = claimWorld()[0]!;

  it('nothing is recorded by it', async () => {
    const before = await recorded();
    const { weights, effective } = await planned([
      ...without(domain, POLICY, frontend('web', {})),
      frontend('web', { main: { a: 100, b: 1 } }),
    ]);
    expect(effective?.quarantined).toHaveLength(2);
    expect(weights?.frontends).toHaveLength(1);
    await planned(world);
    expect(await recorded()).toEqual(before);
  });

  async function recorded(): Promise<object> {
    const [newest] = await site.all<RevisionItem>('/v1/revisions');
    const info = JSON.parse(await nats.request('$JS.API.STREAM.INFO.JOURNAL', '')) as {
      state: { last_seq: number };
    };
    const generations = await site.all('/v1/effective-config/generations');
    const parts = [...(await partsOf(site, 'claims')), ...(await partsOf(site, 'routes'))];
    const journal = info.state.last_seq;
    return { newest, journal, generations, parts, web: await findFrontend(site, 'web') };
  }

  it('parts are held back when what they refer to goes, and come back with it', async () => {
    const gone = await foretold(without(domain));
    expect(gone.effective?.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      'removed AddressMobilityDomain',
      'removed RemoteAddressClaim',
    ]);
    expect(gone.effective?.quarantined).toMatchObject([
      {
        reason: expect.stringContaining('edge-lan'),
        source: expect.stringMatching(/^EventSubscription\/claims/),
      },
    ]);
    const [held] = await partsOf(site, 'claims');
    expect(held).toMatchObject({ state: 'quarantined', reason: gone.effective?.quarantined[0]?.reason });
    const back = await foretold(world);
    expect(back.effective?.restored).toMatchObject([{ source: held?.source }]);
    expect((await partsOf(site, 'claims')).at(-1)?.state).toBe('active');
  });

  it('a mask ends with its policy, and holds with it', async () => {
    const shown = await foretold(without(POLICY));
    expect(shown.effective).toMatchObject({
      shown: [{ kind: 'StaticRoute', name: 'old' }],
      quarantined: [{ reason: expect.stringContaining('mask-denied') }],
    });
    const hidden = await foretold(world);
    expect(hidden.effective?.masked).toMatchObject([
      { name: 'old', maskedBy: expect.stringContaining('EventSubscription/routes') },
    ]);
  });

  it('weights follow members and backends, with a warning where nothing would serve', async () => {
    const lighter = frontend('web', { main: { a: 100, b: 25 } });
    world = [...without(lighter), lighter];
    const { weights } = await foretold(world);
    expect(weights?.frontends[0]?.targets).toMatchObject([
      { backend: 'a', before: { effective: 100, share: 50 }, after: { effective: 100, share: 80 } },
      { backend: 'b', before: { effective: 100, share: 50 }, after: { effective: 25, share: 20 } },
    ]);
    const alone = frontend('web', { main: { a: 100 } });
    world = [...without(lighter, backend('b', '')), alone];
    const one = await foretold(world);
    expect(one.weights).toMatchObject({
      warnings: [],
      frontends: [{ targets: [{ backend: 'a' }, { backend: 'b' }] }],
    });
    const unchecked = [webCheck(9), backend('new', '10.0.0.3', { healthcheck: 'web' })];
    const { weights: lost } = await planned([
      ...without(alone, backend('a', '')),
      ...unchecked,
      frontend('web', { main: { new: 100 } }),
    ]);
    expect(lost?.warnings).toMatchObject([
      {
        reason: 'backends-gone',
        message: expect.stringContaining('1 is unknown until a check has answered'),
      },
    ]);
    expect(lost?.frontends[0]).toMatchObject({ before: { state: 'up' }, after: { state: 'unknown' } });
  });

  it('what health makes of backends at once counts: one without a check is up, one that is switched off gets nothing', async () => {
    const wider = frontend('web', { main: { a: 100, c: 50 } });
    world = [...without(wider), backend('c', '10.0.0.3'), wider];
    const { weights } = await foretold(world);
    expect(weights?.frontends[0]?.targets).toMatchObject([
      { backend: 'a', after: { effective: 100 } },
      { backend: 'c', after: { effective: 50, share: 33.3, why: { rule: 'active' } } },
    ]);
    const off = backend('a', '10.0.0.1', { enabled: false });
    world = [...without(off), off];
    const { weights: less } = await foretold(world);
    expect(less).toMatchObject({
      warnings: [],
      frontends: [
        {
          targets: [
            { backend: 'a', before: { effective: 100 }, after: { effective: 0, why: { rule: 'disabled' } } },
            { backend: 'c', after: { effective: 50, share: 100 } },
          ],
        },
      ],
    });
    const { weights: none } = await planned([...without(wider), frontend('web', { main: { a: 100 } })]);
    expect(none?.warnings).toMatchObject([{ reason: 'backends-gone' }]);
  });

  it('what a subscription brought goes with it', async () => {
    const rule = world.find(
      ({ kind, metadata }) => kind === 'EventSubscription' && metadata.name === 'claims',
    )!;
    const { effective } = await foretold(without(rule));
    expect(effective?.withdrawn).toMatchObject([{ reason: 'EventSubscription/claims was deleted' }]);
    expect(effective?.changes.map(refKey)).toHaveLength(2);
    expect((await partsOf(site, 'claims')).at(-1)?.state).toBe('withdrawn');
    world = without(rule);
  });

  it('rollback --dry-run says it too', async () => {
    const revisions = await site.all<RevisionItem>('/v1/revisions');
    const { stdout, code } = await site.cli('rollback', String(revisions[1]?.revision), '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\+ EventSubscription\/claims\n/);
    expect(stdout).toMatch(/\neffective config after generation \d+: nothing beside the plan\n/);
    expect(stdout).toMatch(
      /\n\? EventSubscription\/claims: what parts it brings is known when it has run\n$/,
    );
  });

  it('the plan is told without what a service that hangs does not say', async () => {
    const pid = await site.servicePid('renderer');
    process.kill(pid, 'SIGSTOP');
    try {
      const { unanswered, ...effect } = await planned(without(domain));
      expect(effect).toEqual({});
      expect(unanswered).toMatchObject([
        { service: 'renderer', code: 'not-ready' },
        { service: 'balancer', code: 'not-ready' },
      ]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('renderer to answer again', async () => (await planned(world)).unanswered.length === 0);
  });
});
