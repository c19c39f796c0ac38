import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Alarm } from '@signalbox/contracts';
import type { Problem } from '@signalbox/runtime';
import { clusterService, clusterSlice, FakeKubernetes, type PodWish, Site, until } from '@signalbox/testing';
import { manifest } from './manifests.js';
import {
  balance,
  effectiveOf,
  findListener,
  localNode,
  type NamedServer,
  type Place,
  placeOf,
  Traffic,
  VIP,
} from './traffic.js';

jest.setTimeout(300_000);

const LISTENER = 'prod.default.web.80';

describe('Services of Kubernetes', () => {
  const traffic = new Traffic();
  let site: Site;
  let cluster: FakeKubernetes;
  let pods: NamedServer[];
  let place: Place;

  beforeAll(async () => {
    cluster = await FakeKubernetes.start({ isSecure: true, tokens: ['first'] });
    site = await Site.start();
    const mounted = join(site.stateDir, 'sources', 'prod');
    await mkdir(mounted, { recursive: true });
    await writeFile(join(mounted, 'token'), 'first\n');
    await writeFile(join(mounted, 'ca.crt'), cluster.ca);
    pods = await traffic.start(['a', 'b']);
    const { status, body } = await site.rest<Problem>(
      'POST',
      '/v1/apply?wait=60s',
      manifest(
        await localNode('sim'),
        balance('VipPool', 'edge', { addresses: [`${VIP}/32`] }),
        balance('BackendSource', 'prod', {
          unavailableAfter: '0s',
          kubernetes: { server: cluster.url, credentials: 'prod', vipPool: 'edge' },
        }),
      ),
    );
    if (status !== 200) throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`);
  }, 300_000);

  afterAll(async () => {
    await traffic.close();
    await site?.stop();
    await cluster?.stop();
  }, 300_000);

  /** One slice for each Pod: here each listens on a port of its own. */
  function runs(pod: NamedServer, conditions: object = {}): void {
    const wish: PodWish = { address: pod.address, conditions, targetRef: { kind: 'Pod', name: pod.name } };
    cluster.apply(clusterSlice(`web-${pod.name}`, 'web', [wish], { ports: [{ port: pod.port }] }));
  }

  /** Waits until the effective weights of all Pods, sorted, are these. */
  function weigh(...weights: readonly number[]): Promise<unknown> {
    return until(`weights ${weights}`, async () => {
      const now = Object.values(effectiveOf(await findListener(site, LISTENER)));
      return JSON.stringify(now.sort((a, b) => a - b)) === JSON.stringify(weights);
    });
  }

  /** Waits until exactly these alarms of sources stand. */
  function alarmed(...texts: readonly string[]): Promise<unknown> {
    return until(`alarms ${JSON.stringify(texts)}`, async () => {
      const { body } = await site.rest<{ items: Alarm[] }>('GET', '/v1/alarms');
      const now = body.items.filter(({ kind }) => kind.startsWith('source-')).map(({ text }) => text);
      return JSON.stringify(now) === JSON.stringify(texts);
    });
  }

  async function served(connections = 12): Promise<string[]> {
    return Object.keys(await traffic.tally(place, connections)).sort();
  }

  it('a Service with Pods gets a VIP, listeners and members, and is reachable', async () => {
    cluster.apply(clusterService('web'));
    for (const pod of pods) runs(pod);
    await until('the VIP in the status of the Service', () => cluster.ingress('web'));
    expect(cluster.ingress('web')).toEqual([{ ip: VIP, ipMode: 'VIP' }]);
    await weigh(100, 100);
    place = await placeOf(site, LISTENER);
    expect(await served()).toEqual(['a', 'b']);
  });

  it('a wish that cannot be read is told, and takes nothing away', async () => {
    cluster.apply(clusterService('web', { annotations: { 'signalbox.dev/algorithm': 'magic' } }));
    await until('the wish to be told', async () => {
      const { stdout } = await site.cli('show', 'sources', 'prod');
      return stdout.includes('Service default/web: annotation signalbox.dev/algorithm must be one of');
    });
    expect(await served()).toEqual(['a', 'b']);
    cluster.apply(clusterService('web'));
  });

  it('a Pod that terminates is drained, then gone', async () => {
    const [a, b] = pods as [NamedServer, NamedServer];
    runs(a, { ready: false, serving: true, terminating: true });
    await weigh(0, 100);
    await until('Pod b alone to serve', async () => (await served()).join() === 'b');
    cluster.remove('endpointslices', `web-${a.name}`);
    await weigh(100);
    runs(b, { ready: false, serving: true, terminating: true });
    runs(a);
    await weigh(0, 100);
    await until('Pod a alone to serve', async () => (await served()).join() === 'a');
    runs(b);
    await weigh(100, 100);
  });

  it('nothing moves while the API server is away, and what was missed comes afterwards', async () => {
    cluster.goAway();
    await alarmed('BackendSource/prod cannot be asked: the connection was cut');
    cluster.remove('endpointslices', 'web-b');
    cluster.compact();
    expect(await served()).toEqual(['a', 'b']);
    expect(Object.values(effectiveOf(await findListener(site, LISTENER)))).toEqual([100, 100]);
    cluster.comeBack();
    await weigh(100);
    await alarmed();
  });

  it('a Service that is deleted is no longer served', async () => {
    cluster.remove('services', 'web');
    await until('the listener to be gone', async () => {
      const { status } = await site.rest('GET', `/v1/listeners/${LISTENER}`);
      return status === 404;
    });
  });
});
