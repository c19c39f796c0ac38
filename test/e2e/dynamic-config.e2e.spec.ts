import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formatTime, HYBRID_API, lineageOf, type Resource, type RunFact } from '@signalbox/contracts';
import { CHECKOUT, Site, until } from '@signalbox/testing';
import { parse } from 'yaml';
import { claimWorld, mobilityDomain } from './claim-world.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import {
  activePart,
  activeParts,
  type DiffAnswer,
  emit,
  endedRun,
  explain,
  partsOf,
  type RouterDocument,
} from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const GENERATION = 'signalbox.dev/generation';
const DIGEST = 'signalbox.dev/digest';
const OBSERVED = 'routerd.client.ipv4.observed';
const QUARANTINED_EXIT = 3;

function host(name: string, serial: string): Resource {
  return resource('example.net/v1', 'SeenHost', name, { serial });
}

/** Puts the plugins of this file into the plugin directory of a site and returns what declares them. */
async function installPlugins(site: Site): Promise<readonly Resource[]> {
  const example = join(CHECKOUT, 'examples', 'plugins', 'event-to-remote-claim');
  return [
    plugin('brief-host', await site.addPlugin('brief-host', seenHost({ ttl: '2s' }))),
    plugin('seen-host', await site.addPlugin('seen-host', seenHost())),
    plugin('to-claim', await site.addPlugin('event-to-remote-claim', await readFile(example, 'utf8'))),
  ];
}

describe('the dynamic config of a site', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
    await site.apply(manifest(...(await installPlugins(site)), ...claimWorld()));
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  /** A subscription of its own for facts `<name>.seen`. */
  async function subscribe(...names: string[]): Promise<void> {
    await site.apply(manifest(...names.map((name) => subscription(name, `${name}.seen`, 'seen-host'))));
  }

  async function seen(name: string, id: string, subject: string, serial = '1'): Promise<void> {
    await emit(site, { id, type: `${name}.seen`, subject, payload: { serial } });
  }

  async function render(): Promise<RouterDocument> {
    return (await site.rest<RouterDocument>('GET', '/v1/effective-config')).body;
  }

  /** Names and serials of the rendered SeenHosts that begin with `prefix`. */
  async function hosts(prefix: string): Promise<[string, unknown][]> {
    const { spec } = await render();
    return spec.resources
      .filter(({ kind, metadata }) => kind === 'SeenHost' && metadata.name.startsWith(prefix))
      .map((one) => [one.metadata.name, one.spec['serial']]);
  }

  async function resourcesOf(kind: string): Promise<Resource[]> {
    return (await site.json<{ resource: Resource }[]>('get', kind)).map((item) => item.resource);
  }

  it('a withdrawal that is due later comes then, also after a restart, and not for what was cancelled or renewed', async () => {
    await subscribe('later');
    for (const name of ['ends', 'renews', 'stays']) await seen('later', `later-${name}`, `later-${name}`);
    const parts = await until('three parts', async () => {
      const found = await site.all<{ facts: RunFact[] }>(
        '/v1/parts?owner=EventSubscription/later&state=active',
      );
      return found.length === 3 && found;
    });
    const lineages = parts.flatMap(({ facts }) => facts.map((fact) => lineageOf(fact.origin, fact.factKey)));
    const about = { at: formatTime(Date.now()), owner: 'EventSubscription/later', reason: 'a test' };
    const dueMs = Date.now() + 4000;
    const records = [
      { type: 'withdrawn', ...about, dueAt: formatTime(dueMs), lineages },
      {
        type: 'withdraw-cancelled',
        ...about,
        lineages: lineages.filter((one) => one.includes('later-stays')),
      },
    ];
    const nats = await site.rawNats();
    await nats.publish('activity.run.withdrawal', JSON.stringify({ records }));
    nats.close();
    await seen('later', 'later-renews-2', 'later-renews', '2');
    await activePart(site, 'later', 'later-renews-2');
    await site.kill();
    await site.up();

    await until('the part to end', async () => (await hosts('later-')).length === 2);
    expect((await hosts('later-')).sort()).toEqual([
      ['later-renews', '2'],
      ['later-stays', '1'],
    ]);
    const ended = await site.all<{ state: string; updatedAt: string }>(
      '/v1/parts?owner=EventSubscription/later&state=withdrawn',
    );
    expect(ended).toHaveLength(1);
    expect(Date.parse(ended[0]!.updatedAt)).toBeGreaterThanOrEqual(dueMs);
  });

  it('D1 an active part is in the config; when its time is over it is out, and diff lists it as expired', async () => {
    await site.apply(manifest(subscription('d1', 'd1.seen', 'brief-host')));
    await subscribe('d1-stays');
    await seen('d1-stays', 'd1-stays-a', 'd1-stays');
    await seen('d1', 'd1-a', 'd1-brief');
    const { source, observedAt, expiresAt } = await activePart(site, 'd1', 'd1-a');
    expect(Date.parse(expiresAt ?? '') - Date.parse(observedAt)).toBe(2000);
    await until('the part to be rendered', async () => (await hosts('d1-')).length === 2);
    const { body: before } = await site.rest<DiffAnswer>('GET', '/v1/effective-config/diff');
    expect(before.activeParts).toContainEqual({ source, generation: 1, expiresAt });

    await until('the part to be out of the config', async () => (await hosts('d1-')).length === 1);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt ?? ''));
    expect(await hosts('d1-')).toEqual([['d1-stays', '1']]);
    expect(await partsOf(site, 'd1')).toMatchObject([{ state: 'expired', generation: 1 }]);
    const after = await site.json<DiffAnswer>('dynamic', 'diff');
    expect(after.expiredParts).toContainEqual({ source, generation: 1, expiresAt });
    expect(after.activeParts.filter((part) => part.source === source)).toEqual([]);
    const listed = await site.cli('dynamic', 'list', '--state', 'expired');
    expect(listed.stdout).toContain(source);
    const record = (await site.json<{ updatedAt: string }[]>('dynamic', 'describe', source))[0];
    expect(Date.parse(record?.updatedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(expiresAt ?? ''));
  });

  it('D6 a part that conflicts with an operator resource is refused and changes nothing', async () => {
    await subscribe('d6');
    await site.apply(manifest(host('d6-host', 'operator')));
    await seen('d6', 'd6-a', 'd6-host', 'plugin');
    const run = await endedRun(site, 'd6', 'd6-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'startup-conflict', attempt: 1 });
    expect(run.error).toContain('SeenHost/d6-host');
    await seen('d6', 'd6-b', 'd6-free');
    await activePart(site, 'd6', 'd6-b');
    await until('the next generation', async () => (await hosts('d6-')).length === 2);
    expect(await hosts('d6-')).toEqual([
      ['d6-free', '1'],
      ['d6-host', 'operator'],
    ]);
    expect((await partsOf(site, 'd6')).length).toBe(1);
  });

  it('D7 of two owners the first keeps the resource and the newcomer is refused', async () => {
    await subscribe('d7-first', 'd7-second');
    await seen('d7-first', 'd7-a', 'd7-host', 'first');
    await activePart(site, 'd7-first', 'd7-a');
    await seen('d7-second', 'd7-b', 'd7-host', 'second');
    const run = await endedRun(site, 'd7-second', 'd7-b');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'part-conflict', attempt: 1 });
    expect(run.error).toContain('EventSubscription/d7-first');
    expect(await hosts('d7-')).toEqual([['d7-host', 'first']]);
    expect((await explain(site, 'd7-b')).verdict).toContain('d7-second');
  });

  it('D9 merging leaves the operator resources as they were, and says of each addition where it is from', async () => {
    await site.apply(manifest(host('d9-operator', 'mine')));
    const before = { hosts: await resourcesOf('SeenHost'), peers: await resourcesOf('OverlayPeer') };
    await subscribe('d9');
    await seen('d9', 'd9-a', 'd9-added');
    await seen('d9', 'd9-b', 'd9-added', '2');
    const part = await activePart(site, 'd9', 'd9-b');
    await until('the part to be rendered', async () => (await hosts('d9-added'))[0]?.[1] === '2');

    expect({ hosts: await resourcesOf('SeenHost'), peers: await resourcesOf('OverlayPeer') }).toEqual(before);
    const kinds = claimWorld().map(({ kind }) => kind);
    const { spec } = await render();
    expect(spec.resources.filter(({ kind }) => kinds.includes(kind))).toEqual(claimWorld());
    const { addedResources } = await site.json<DiffAnswer>('dynamic', 'diff');
    const added = addedResources.find(({ name }) => name === 'd9-added');
    expect(added).toMatchObject({ kind: 'SeenHost', source: part.source, generation: part.generation });
    expect(addedResources.filter(({ name }) => name === 'd9-operator')).toEqual([]);
  });

  it('D11 render prints the claim with everything it says, and the four annotations', async () => {
    await site.apply(manifest(subscription('d11', OBSERVED, 'to-claim')));
    await emit(site, {
      id: 'd11-a',
      type: OBSERVED,
      subject: '10.88.60.9/32',
      payload: { domain: 'edge-lan' },
    });
    await activePart(site, 'd11', 'd11-a');
    const claim = await until('the claim', async () => {
      const { code, stdout } = await site.cli('dynamic', 'render', '-o', 'yaml');
      expect(code).toBe(0);
      const router = parse(stdout) as RouterDocument & { apiVersion: string; kind: string };
      expect([router.apiVersion, router.kind]).toEqual(['routerd.net/v1alpha1', 'Router']);
      return router.spec.resources.find(({ kind }) => kind === 'RemoteAddressClaim');
    });
    expect(claim).toEqual({
      apiVersion: HYBRID_API,
      kind: 'RemoteAddressClaim',
      metadata: {
        name: 'onprem-10-88-60-9',
        annotations: {
          'routerd.net/dynamic-source': 'EventSubscription/d11',
          'routerd.net/event-group': 'default',
          'routerd.net/event-id': 'd11-a',
          'routerd.net/event-subject': '10.88.60.9/32',
        },
      },
      spec: {
        address: '10.88.60.9/32',
        domainRef: 'edge-lan',
        ownerSide: 'onprem',
        capture: {
          type: 'provider-secondary-ip',
          providerRef: 'example-provider',
          providerMode: 'nic-secondary-ip',
          nicRef: 'example-nic-ref',
          configureOSAddress: false,
        },
        delivery: { peerRef: 'onprem-main', mode: 'route', tunnelInterface: 'wg-hybrid' },
      },
    });
  });

  describe('D15 one bad part of ten is held back alone', () => {
    const names = Array.from({ length: 10 }, (_, at) => `d15-${at}`);
    const others = names.slice(1).map((name) => [name, '1']);

    beforeAll(async () => {
      await subscribe('d15');
      for (const name of names) await seen('d15', name, name);
      for (const name of names) await activePart(site, 'd15', name);
    });

    it('with its reason while an operator holds its resource; render exits 3', async () => {
      await site.apply(manifest(host('d15-0', 'operator')));
      const rendered = await site.cli('dynamic', 'render', '-o', 'json');
      expect(rendered.code).toBe(QUARANTINED_EXIT);
      expect(rendered.stderr).toMatch(
        /EventSubscription\/d15\/[0-9a-f]{16} generation 1: .*SeenHost\/d15-0.*operator/,
      );
      expect(await hosts('d15-')).toEqual([['d15-0', 'operator'], ...others]);
      const { quarantined } = await site.json<DiffAnswer>('dynamic', 'diff');
      expect(quarantined.map(({ generation, reason }) => [generation, reason.includes('d15-0')])).toEqual([
        [1, true],
      ]);
      const held = (await partsOf(site, 'd15')).filter(({ state }) => state === 'quarantined');
      expect(held.length).toBe(1);
      expect((await activeParts(site, 'd15')).length).toBe(9);
    });

    it('and comes back by itself when the operator lets go', async () => {
      expect((await site.cli('delete', 'SeenHost', 'd15-0')).code).toBe(0);
      const rendered = await site.cli('dynamic', 'render', '-o', 'json');
      expect([rendered.code, rendered.stderr]).toEqual([0, '']);
      expect(await hosts('d15-')).toEqual([['d15-0', '1'], ...others]);
      expect((await partsOf(site, 'd15')).map(({ generation, state }) => [generation, state])).toEqual(
        names.map(() => [1, 'active']),
      );
    });
  });

  it('D15 a claim whose domain goes is held back and comes back with it', async () => {
    const executable = await site.addPlugin('to-claim-d15', claimPlugin('d15-lan'));
    await site.apply(
      manifest(
        mobilityDomain('d15-lan', '10.88.61.0/24'),
        plugin('to-claim-d15', executable),
        subscription('d15-claim', 'd15.claim', 'to-claim-d15'),
      ),
    );
    await emit(site, { id: 'd15-claim', type: 'd15.claim', subject: '10.88.61.9' });
    await activePart(site, 'd15-claim', 'd15-claim');
    expect((await site.cli('delete', 'AddressMobilityDomain', 'd15-lan')).code).toBe(0);
    const rendered = await site.cli('dynamic', 'render');
    expect(rendered.code).toBe(QUARANTINED_EXIT);
    expect(rendered.stderr).toContain('d15-lan');
    expect(await partsOf(site, 'd15-claim')).toMatchObject([{ state: 'quarantined', generation: 1 }]);
    await site.apply(manifest(mobilityDomain('d15-lan', '10.88.61.0/24')));
    expect((await site.cli('dynamic', 'render')).code).toBe(0);
    expect(await partsOf(site, 'd15-claim')).toMatchObject([
      { state: 'active', generation: 1, reason: null },
    ]);
  });

  it('D16 of two generations of a source only the newer one counts', async () => {
    await subscribe('d16');
    await seen('d16', 'd16-a', 'd16-host', 'old');
    const { source } = await activePart(site, 'd16', 'd16-a');
    await seen('d16', 'd16-b', 'd16-host', 'new');
    await activePart(site, 'd16', 'd16-b');
    await until('the part to be rendered', async () => (await hosts('d16-'))[0]?.[1] === 'new');
    expect(await hosts('d16-')).toEqual([['d16-host', 'new']]);
    const described = await site.cli('dynamic', 'describe', source);
    expect(described.stdout).toMatch(/superseded/);
    const { addedResources, activeParts: standing } = await site.json<DiffAnswer>('dynamic', 'diff');
    expect(addedResources.filter((one) => one.source === source)).toMatchObject([{ generation: 2 }]);
    expect(standing.filter((part) => part.source === source)).toMatchObject([{ generation: 2 }]);
  });

  it('D17 a part that would break the config is refused at acceptance, and the last accepted one stays', async () => {
    const executable = await site.addPlugin('to-claim-d17', claimPlugin('d17-lan'));
    await site.apply(
      manifest(
        mobilityDomain('d17-lan', '10.88.62.0/24'),
        plugin('to-claim-d17', executable),
        subscription('d17', 'd17.claim', 'to-claim-d17'),
      ),
    );
    const key = { type: 'd17.claim', dedupeKey: 'd17' };
    await emit(site, { id: 'd17-good', subject: '10.88.62.9', ...key });
    const good = await activePart(site, 'd17', 'd17-good');
    await emit(site, { id: 'd17-bad', subject: '10.99.0.9', ...key });
    const run = await endedRun(site, 'd17', 'd17-bad');
    expect(run).toMatchObject({
      state: 'failed',
      errorCode: 'part-invalid',
      attempt: 1,
      source: good.source,
    });
    expect(run.error).toContain('d17-lan');
    expect(await partsOf(site, 'd17')).toMatchObject([{ state: 'active', runId: good.runId, generation: 1 }]);
    const { spec } = await render();
    const claims = spec.resources.filter(({ spec: body }) => body['domainRef'] === 'd17-lan');
    expect(claims.map((claim) => claim.spec['address'])).toEqual(['10.88.62.9/32']);
    expect((await site.cli('dynamic', 'render')).code).toBe(0);
  });

  it('a restart keeps generation and bytes of the effective config', async () => {
    const before = await site.cli('dynamic', 'render');
    await site.kill();
    await site.up();
    expect(await site.cli('dynamic', 'render')).toEqual(before);
    expect(await site.shutDown()).toBe(0);
    await site.up();
    expect(await site.cli('dynamic', 'render')).toEqual(before);

    await subscribe('after-restart');
    await seen('after-restart', 'after-restart-a', 'after-restart');
    await activePart(site, 'after-restart', 'after-restart-a');
    const router = await until('the next generation', async () => {
      const now = await render();
      return now.spec.resources.some(({ metadata }) => metadata.name === 'after-restart') && now;
    });
    const known = parse(before.stdout) as RouterDocument;
    const addedByApply = 1;
    expect(Number(router.metadata.annotations?.[GENERATION])).toBe(
      Number(known.metadata.annotations?.[GENERATION]) + addedByApply + 1,
    );
  });

  it('a part whose time ends while the site is down is gone when it is back', async () => {
    await site.apply(manifest(subscription('brief', 'brief.seen', 'brief-host')));
    await seen('brief', 'brief-a', 'brief-host');
    const { expiresAt } = await activePart(site, 'brief', 'brief-a');
    await site.kill();
    await until('the part to be over', () => Date.now() > Date.parse(expiresAt ?? ''));
    await site.up();
    await until('the part to be out of the config', async () => (await hosts('brief-')).length === 0);
    expect(await partsOf(site, 'brief')).toMatchObject([{ state: 'expired' }]);
  });
});

describe('D18 two sites that get the same inputs in another order', () => {
  const sites: Site[] = [];

  beforeAll(async () => {
    const first = await Site.start();
    sites.push(first);
    sites.push(await Site.start({ env: { SIGNALBOX_PLUGIN_DIRS: first.pluginDir } }));
    const plugins = await installPlugins(first);
    for (const site of sites) await site.apply(manifest(...plugins));
  }, 300_000);

  afterAll(() => Promise.all(sites.map((site) => site.stop())), 60_000);

  it('D18 render the same bytes and the same digest', async () => {
    const facts = Array.from({ length: 8 }, (_, at) => ({
      id: `d18-${at}`,
      type: `d18-${at % 2}.seen`,
      subject: `d18-host-${at}`,
      payload: { serial: String(at) },
      observedAt: '2026-05-30T12:00:00Z',
    }));
    const declared = [
      subscription('d18-0', 'd18-0.seen', 'seen-host'),
      host('d18-operator', '1'),
      subscription('d18-1', 'd18-1.seen', 'seen-host'),
    ];
    const rendered = await Promise.all(
      sites.map(async (site, at) => {
        const order = <T>(list: readonly T[]): T[] => (at === 0 ? [...list] : [...list].reverse());
        for (const one of order(declared)) await site.apply(manifest(one));
        for (const fact of order(facts)) {
          await emit(site, fact);
          await activePart(site, fact.type.replace('.seen', ''), fact.id);
        }
        return until('all hosts', async () => {
          const router = await site.json<RouterDocument>('dynamic', 'render');
          const found = router.spec.resources.filter(({ metadata }) => metadata.name.startsWith('d18-host-'));
          return found.length === facts.length && router;
        });
      }),
    );
    const [one, other] = rendered.map(({ spec }) => JSON.stringify(spec));
    expect(one).toBe(other);
    const [digest, otherDigest] = rendered.map(({ metadata }) => metadata.annotations?.[DIGEST]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(digest).toBe(otherDigest);
  });
});

/** Claims the address that is the subject of the fact for one domain. */
function claimPlugin(domainRef: string): string {
  const claim = `{"apiVersion":"${HYBRID_API}","kind":"RemoteAddressClaim","metadata":{"name":"${domainRef}-claim"},"spec":{"domainRef":"${domainRef}","address":"\\1/32","ownerSide":"onprem","capture":{"type":"proxy-arp","interface":"eth0"},"delivery":{"peerRef":"onprem-main","mode":"route"}}}`;
  const result = `{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","metadata":{"name":"claim"},"status":{"ttl":"1h","resources":[${claim}]}}`;
  return `#!/bin/sh
exec sed -E 's|.*"subject":"([^"]*)".*|${result}|'
`;
}
