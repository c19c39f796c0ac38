import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { KubernetesSourceSpec } from '@signalbox/contracts';
import {
  CLUSTER_CA,
  type ClusterRequest,
  clusterService,
  clusterSlice,
  FakeKubernetes,
  type FakeKubernetesOptions,
  until,
} from '@signalbox/testing';
import type { Observation } from '../../domain/discovery/endpoint.js';
import type { SourceWatch } from '../source-watch.js';
import { KUBERNETES_LIMITS, type KubernetesTimings } from './kubernetes-limits.js';
import { kubernetesWatcher } from './watch-kubernetes.js';

/** Patient where a test does not want a deadline, hasty with pauses. */
const TIMINGS: KubernetesTimings = {
  answerMs: 30_000,
  silenceMs: 30_000,
  watchSeconds: 300,
  settledMs: 600_000,
  backOff: { firstMs: 10, longestMs: 50 },
  writePauseMs: 1,
};

const VIP = '198.51.100.1';
const WEB = clusterService('web');
const POOL = 'prod.default.web.80';
const OF_WEB = 'prod.default.web';

/** A source that is watched, and what it said. */
class Watched {
  readonly said: Observation[] = [];
  readonly warnings: string[] = [];
  readonly vips = new Map<string, string>();
  private watch: SourceWatch | undefined;

  constructor(
    private readonly directory: string,
    private readonly spec: KubernetesSourceSpec,
  ) {}

  start(timings: Partial<KubernetesTimings> = {}, project = 'default'): this {
    const name = project === 'default' ? 'prod' : `${project}/prod`;
    this.watch = kubernetesWatcher({ ...TIMINGS, ...timings })(
      { name, project, spec: { kubernetes: this.spec } },
      {
        report: (observation) => void this.said.push(observation),
        directory: this.directory,
        vips: { vipOf: (of, loadBalancer) => this.vips.get(`${of}/${loadBalancer}`) },
        warn: (message) => void this.warnings.push(message),
      },
    );
    return this;
  }

  grant(loadBalancer: string, vip: string, project = 'default'): void {
    this.vips.set(`${project}/${loadBalancer}`, vip);
    this.watch?.vipsChanged?.();
  }

  async stop(): Promise<void> {
    await this.watch?.stop();
  }

  get last(): Observation | undefined {
    return this.said.at(-1);
  }

  /** Addresses of all endpoints that it says now; undefined while it is unavailable. */
  get addresses(): readonly string[] | undefined {
    const { last } = this;
    return last?.type === 'content' ? last.content.endpoints.map(({ address }) => address) : undefined;
  }

  get reason(): string | undefined {
    return this.last?.type === 'unavailable' ? this.last.reason : undefined;
  }

  /** Whether it ever said content with another set of addresses than these. */
  saidOnly(...sets: readonly (readonly string[])[]): boolean {
    const known = sets.map((set) => JSON.stringify(set));
    return this.said.every(
      (one) =>
        one.type === 'unavailable' ||
        known.includes(JSON.stringify(one.content.endpoints.map(({ address }) => address))),
    );
  }

  says(...addresses: readonly string[]): Promise<unknown> {
    const wanted = JSON.stringify(addresses);
    return until(`addresses ${wanted}`, () => JSON.stringify(this.addresses) === wanted);
  }

  async isAway(text: string): Promise<void> {
    await until(`a reason with "${text}"`, () => this.reason?.includes(text));
  }
}

let directory: string;
let fake: FakeKubernetes;
let watched: Watched;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-sources-'));
});

afterEach(async () => {
  await watched.stop();
  await fake.stop();
  await rm(directory, { recursive: true });
});

/** A cluster with the Service `web` and two Pods, not watched yet. */
async function cluster(
  options: FakeKubernetesOptions = {},
  spec: Partial<KubernetesSourceSpec> = {},
): Promise<void> {
  fake = await FakeKubernetes.start(options);
  fake.apply(WEB, clusterSlice('web-1', 'web', ['10.1.0.1', '10.1.0.2']));
  watched = new Watched(directory, { server: fake.url, ...spec });
}

/** A watch of the Service `web` whose two watches stand. */
async function standing(timings: Partial<KubernetesTimings> = {}): Promise<void> {
  await cluster();
  watched.start(timings);
  await watched.says('10.1.0.1', '10.1.0.2');
  await bothWatch();
}

function bothWatch(): Promise<unknown> {
  return until('two watches', () => fake.openWatches === 2);
}

/** How many timers and sockets this process has open. */
function openResources(): number {
  const kinds = process.getActiveResourcesInfo();
  return kinds.filter((kind) => kind === 'Timeout' || kind === 'TCPSocketWrap').length;
}

function isWatchOfSlices({ verb, resource }: ClusterRequest): boolean {
  return verb === 'watch' && resource === 'endpointslices';
}

function isListOfSlices({ verb, resource }: ClusterRequest): boolean {
  return verb === 'list' && resource === 'endpointslices';
}

/** Version that the newest watch of slices began at. */
function watchedFrom(): string | undefined {
  return fake.asked('watch', 'endpointslices').at(-1)?.query['resourceVersion'];
}

describe('a cluster', () => {
  it('brings its Services with their endpoints, and follows them', async () => {
    await standing();
    expect(watched.last).toMatchObject({
      content: {
        frame: [{ kind: 'VipClaim' }, { kind: 'LoadBalancer' }, { kind: 'Listener' }, { kind: 'Pool' }],
        endpoints: [
          { pool: POOL, address: '10.1.0.1', port: 8080 },
          { pool: POOL, address: '10.1.0.2', port: 8080 },
        ],
        refused: [],
      },
    });
    const ending = {
      address: '10.1.0.1',
      conditions: { ready: false, serving: true, terminating: true },
    };
    fake.apply(clusterSlice('web-1', 'web', [ending, '10.1.0.2']));
    await until('a Pod to drain', () => {
      const { last } = watched;
      return last?.type === 'content' && last.content.endpoints[0]?.isDraining;
    });
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.2']));
    await watched.says('10.1.0.2');
    fake.remove('endpointslices', 'web-1');
    await watched.says();
    fake.remove('services', 'web');
    await until('nothing to be there', () => {
      const { last } = watched;
      return last?.type === 'content' && last.content.frame.length === 0;
    });
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
  });

  it('is reported when both lists are complete', async () => {
    await cluster();
    const heal = fake.fault({ on: isListOfSlices, hang: true, times: Infinity });
    watched.start({ answerMs: 200 });
    await until('a watch of Services', () => fake.openWatches === 1);
    await watched.isAway('list endpointslices: no answer within 0.2 s');
    expect(watched.said.some(({ type }) => type === 'content')).toBe(false);
    heal();
    await watched.says('10.1.0.1', '10.1.0.2');
  });

  it('is asked for the Services of the source only', async () => {
    await cluster({}, { namespace: 'shop', selector: 'team=a,!hidden' });
    fake.apply(
      clusterService('web', { namespace: 'shop', labels: { team: 'a' } }),
      clusterService('b', { namespace: 'shop', labels: { team: 'b' } }),
      clusterService('c', { namespace: 'shop', labels: { team: 'a', hidden: 'yes' } }),
      clusterSlice('web-1', 'web', ['10.1.0.5'], { namespace: 'shop' }),
    );
    watched.start({}, 'lab');
    await watched.says('10.1.0.5');
    expect(watched.last).toMatchObject({
      content: { frame: { length: 4 }, endpoints: [{ pool: 'prod.shop.web.80' }] },
    });
    fake.apply(clusterService('web', { namespace: 'shop', labels: { team: 'b' } }));
    await watched.says();
    expect(fake.asked('patch')).toEqual([]);
    const places = fake.requests.map(({ namespace, query }) => [namespace, query['labelSelector']]);
    expect(new Set(places.map((place) => place.join(' ')))).toEqual(
      new Set(['shop team=a,!hidden', 'shop kubernetes.io/service-name']),
    );
  });

  it('is read page by page', async () => {
    await cluster();
    const more = KUBERNETES_LIMITS.pageItems + 2;
    for (let at = 0; at < more; at += 1)
      fake.apply(clusterSlice(`web-x${String(at).padStart(4, '0')}`, 'web', [`10.2.${at >> 8}.${at & 255}`]));
    watched.start();
    await until('all endpoints', () => watched.addresses?.length === more + 2);
    expect(fake.asked('list', 'endpointslices').map(({ query }) => query['limit'])).toEqual(['250', '250']);
    expect(watched.said).toHaveLength(1);
  });

  it('whose list becomes too old while it is read is listed again', async () => {
    await cluster();
    for (let at = 0; at < KUBERNETES_LIMITS.pageItems; at += 1)
      fake.apply(clusterSlice(`other-${at}`, 'other', []));
    const expired = { on: ({ query }: ClusterRequest) => 'continue' in query, status: 410 };
    fake.fault(expired);
    watched.start();
    await watched.says('10.1.0.1', '10.1.0.2');
    const pages = fake.asked('list', 'endpointslices').map(({ query }) => 'continue' in query);
    expect(pages).toEqual([false, true, false, true]);
    expect(watched.said).toHaveLength(1);
  });

  it('whose list is always too old is not known', async () => {
    await cluster();
    fake.fault({ on: isListOfSlices, status: 410, message: 'too old', times: Infinity });
    watched.start();
    await watched.isAway('410 "too old"');
  });
});

describe('a watch', () => {
  it('goes on from the newest bookmark', async () => {
    await standing();
    const before = watchedFrom();
    fake.apply(clusterService('other'));
    fake.bookmark();
    const bookmarked = fake.version;
    expect(bookmarked).not.toBe(before);
    fake.endWatches();
    await until('a watch from there', () => watchedFrom() === bookmarked);
    expect(fake.asked('list')).toHaveLength(2);
  });

  it('that is too old is followed by a list, and what it missed is seen', async () => {
    await standing();
    fake.goAway();
    await watched.isAway('');
    fake.remove('endpointslices', 'web-1');
    fake.apply(clusterSlice('web-2', 'web', ['10.1.0.3']));
    fake.compact();
    fake.comeBack();
    await watched.says('10.1.0.3');
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'], ['10.1.0.3'])).toBe(true);
  });

  it('that is too old by its status is followed by a list too', async () => {
    await cluster({ expiredAs: 'status' });
    watched.start();
    await bothWatch();
    await watched.says('10.1.0.1', '10.1.0.2');
    const lists = fake.asked('list', 'endpointslices').length;
    fake.fault({ on: isWatchOfSlices, status: 410 });
    fake.endWatches();
    await until('another list', () => fake.asked('list', 'endpointslices').length > lists);
    await bothWatch();
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
  });

  it('that is ended by an error is followed by a list', async () => {
    await standing();
    const error = { type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is away' } };
    fake.fault({ on: isWatchOfSlices, garbage: `${JSON.stringify(error)}\n` });
    fake.endWatches();
    await until('another list', () => fake.asked('list', 'endpointslices').length === 2);
    await bothWatch();
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'])).toBe(true);
  });

  it('that is cut in the middle of an event goes on where it was', async () => {
    await cluster();
    fake.fault({ on: isWatchOfSlices, cutAfterBytes: 100 });
    watched.start();
    await bothWatch();
    const from = watchedFrom();
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.2', '10.1.0.3']));
    await watched.says('10.1.0.2', '10.1.0.3');
    expect(watchedFrom()).toBe(from);
    expect(fake.asked('list')).toHaveLength(2);
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'], ['10.1.0.2', '10.1.0.3'])).toBe(true);
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
  });

  it('may come in pieces of any size', async () => {
    await cluster();
    fake.fault({ on: isWatchOfSlices, chunkBytes: 7 });
    watched.start();
    await bothWatch();
    fake.apply(
      clusterSlice('web-1', 'web', [{ address: '10.1.0.3', targetRef: { kind: 'Pod', name: 'wéb-日本' } }]),
    );
    await watched.says('10.1.0.3');
    expect(watched.last).toMatchObject({ content: { endpoints: [{ tags: ['wéb-日本'] }] } });
    expect(fake.asked('watch', 'endpointslices')).toHaveLength(1);
  });

  it('with something broken is followed by a list, and what stood before it is taken', async () => {
    await standing();
    const event = (pods: string[]): string => {
      const object = clusterSlice('web-1', 'web', pods);
      const metadata = { ...object.metadata, resourceVersion: fake.version };
      return JSON.stringify({ type: 'MODIFIED', object: { ...object, metadata } });
    };
    const garbage = `${event(['10.1.0.9'])}\n{"type":"MODI\n${event([])}\n`;
    fake.fault({ on: isWatchOfSlices, garbage });
    const heal = fake.fault({ on: isListOfSlices, status: 500, times: Infinity });
    fake.endWatches();
    await watched.isAway('list endpointslices was answered 500');
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'], ['10.1.0.9'])).toBe(true);
    heal();
    await until('the list', () => watched.last?.type === 'content');
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'], ['10.1.0.9'])).toBe(true);
  });

  it('that is silent is given up, and all is listed again', async () => {
    await cluster();
    fake.fault({ on: isWatchOfSlices, silent: true });
    watched.start({ silenceMs: 300 });
    await until('a silent watch', () => fake.openWatches === 2);
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.7']));
    await watched.says('10.1.0.7');
    expect(fake.asked('list', 'endpointslices').length).toBeGreaterThan(1);
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
  });

  it('that tells from time to time how far it is is not silent', async () => {
    const silenceMs = 1500;
    await standing({ silenceMs });
    const endMs = Date.now() + 2 * silenceMs;
    await until('more time than may be silent', () => {
      fake.bookmark();
      return Date.now() > endMs;
    });
    expect(fake.asked('watch')).toHaveLength(2);
  });

  it('that ends at once, again and again, does not keep the source from being known', async () => {
    await cluster();
    fake.fault({ on: isWatchOfSlices, garbage: '', times: Infinity });
    watched.start();
    await until('another list', () => fake.asked('list', 'endpointslices').length > 2);
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.7']));
    await watched.says('10.1.0.7');
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
  });

  it('reports all of what came at once together', async () => {
    await standing();
    fake.goAway();
    await watched.isAway('');
    for (let at = 0; at < 100; at += 1) fake.apply(clusterSlice(`web-x${at}`, 'web', [`10.3.0.${at + 1}`]));
    const before = watched.said.length;
    fake.comeBack();
    await until('all endpoints', () => watched.addresses?.length === 102);
    expect(watched.said.length - before).toBeLessThan(20);
  });
});

describe('a cluster that cannot be asked', () => {
  it('keeps what it has said, and is told once', async () => {
    await standing();
    fake.goAway();
    await watched.isAway('the connection was cut');
    const told = watched.said.length;
    expect(watched.said.slice(1)).toEqual([{ type: 'unavailable', reason: expect.any(String) }]);
    fake.comeBack();
    await watched.says('10.1.0.1', '10.1.0.2');
    await bothWatch();
    expect(watched.said.slice(told).at(-1)?.type).toBe('content');
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.3']));
    await watched.says('10.1.0.3');
  });

  it('is asked again when it answers with errors', async () => {
    await cluster();
    fake.fault({ status: 500, message: 'etcdserver: request timed out', times: 3 });
    fake.fault({ status: 429, retryAfter: 0 });
    watched.start();
    await watched.says('10.1.0.1', '10.1.0.2');
    expect(watched.said[0]).toEqual({
      type: 'unavailable',
      reason: 'list services was answered 500 "etcdserver: request timed out"',
    });
  });

  it.each([
    [401, 'renew the file "token"'],
    [403, 'give it the ClusterRole'],
    [404, 'look at the server URL'],
  ])('says what to do about %d', async (status, remedy) => {
    await cluster();
    const heal = fake.fault({ status, times: Infinity });
    watched.start();
    await watched.isAway(remedy);
    heal();
    await watched.says('10.1.0.1', '10.1.0.2');
  });

  it('by a watch that is not allowed is away, though it was listed', async () => {
    await cluster();
    const heal = fake.fault({ on: isWatchOfSlices, status: 403, times: Infinity });
    watched.start();
    await watched.isAway('watch endpointslices was answered 403');
    heal();
    await watched.says('10.1.0.1', '10.1.0.2');
    expect(fake.asked('list')).toHaveLength(2);
  });

  it.each([
    ['is cut in the middle', { cutAfterBytes: 150 }],
    ['is no JSON', { garbage: '<html>' }],
    ['is no list', { garbage: '{"kind":"Status","metadata":{"resourceVersion":"1"}}' }],
    ['has no version', { garbage: '{"items":[]}' }],
    ['has something else in it', { garbage: '{"metadata":{"resourceVersion":"1"},"items":[{}]}' }],
    ['never comes', { hang: true as const }],
  ])('when a list %s', async (_, fault) => {
    await standing({ answerMs: 500 });
    const heal = fake.fault({ on: isListOfSlices, times: Infinity, ...fault });
    fake.compact();
    fake.fault({ on: isWatchOfSlices, status: 410 });
    fake.endWatches();
    await until('a reason', () => watched.reason);
    expect(watched.saidOnly(['10.1.0.1', '10.1.0.2'])).toBe(true);
    heal();
    await watched.says('10.1.0.1', '10.1.0.2');
  });
});

describe('credentials', () => {
  /** Writes what a Pod finds in its directory. */
  async function mount(token: string | undefined, ca?: string): Promise<void> {
    await mkdir(join(directory, 'prod'), { recursive: true });
    if (token !== undefined) await writeFile(join(directory, 'prod', 'token'), `${token}\n`);
    if (ca !== undefined) await writeFile(join(directory, 'prod', 'ca.crt'), ca);
  }

  it('are shown over TLS, and renewed when they change', async () => {
    await cluster({ isSecure: true, tokens: ['one'] }, { credentials: 'prod' });
    await mount('one', fake.ca);
    watched.start();
    await watched.says('10.1.0.1', '10.1.0.2');
    await bothWatch();
    fake.tokens = ['two'];
    fake.endWatches();
    await watched.isAway('401 "Unauthorized": the token is not known there');
    await mount('two');
    await watched.says('10.1.0.1', '10.1.0.2');
    await bothWatch();
    expect(fake.requests.at(-1)?.token).toBe('two');
    expect(JSON.stringify([watched.said, watched.warnings])).not.toMatch(/one|two/);
  });

  it('are not shown to a server that their authority does not stand for', async () => {
    await cluster({ isSecure: true }, { credentials: 'prod' });
    await mount('one', rootCertificates[0]);
    watched.start();
    await watched.isAway('the file "ca.crt"');
    expect(fake.requests).toEqual([]);
    await mount('one', fake.ca);
    await watched.says('10.1.0.1', '10.1.0.2');
  });

  it.each([
    ['no token', undefined, CLUSTER_CA, 'prod/token is not in the directory of sources'],
    ['no token in the file', 'a b\nX-Other: c', CLUSTER_CA, 'prod/token holds no bearer token'],
    [
      'a long token',
      'x'.repeat(KUBERNETES_LIMITS.tokenBytes),
      CLUSTER_CA,
      'prod/token has more than 65536 bytes',
    ],
    ['no authority', 'one', undefined, 'prod/ca.crt is not in the directory of sources'],
    ['no authority in the file', 'one', 'x', 'prod/ca.crt holds no certificate'],
  ])('with %s are told', async (_, token, ca, reason) => {
    await cluster({ isSecure: true }, { credentials: 'prod' });
    await mount(token, ca);
    watched.start();
    await watched.isAway(reason);
    expect(fake.requests).toEqual([]);
    await mount('one', fake.ca);
    await watched.says('10.1.0.1', '10.1.0.2');
  });

  it('are not sent in the clear', async () => {
    await cluster({}, { credentials: 'prod' });
    await mount('one', fake.ca);
    watched.start();
    await watched.isAway('a token is sent over https only');
    expect(fake.requests).toEqual([]);
  });
});

describe('the status of a Service', () => {
  const SAYS_VIP = [{ ip: VIP, ipMode: 'VIP' }];

  function status(): Promise<unknown> {
    return until(
      'the VIP in the status',
      () => JSON.stringify(fake.ingress('web')) === JSON.stringify(SAYS_VIP),
    );
  }

  it('is written when its VIP is known, once', async () => {
    await standing();
    expect(fake.asked('patch')).toEqual([]);
    watched.grant(OF_WEB, VIP);
    await status();
    expect(fake.asked('patch')).toMatchObject([
      {
        resource: 'services',
        namespace: 'default',
        name: 'web',
        contentType: 'application/merge-patch+json',
        body: { status: { loadBalancer: { ingress: SAYS_VIP } } },
      },
    ]);
    // Written again only if it had been forgotten that it was.
    watched.grant('prod.default.other', '198.51.100.2');
    fake.apply(clusterService('other'));
    await until('the other status', () => fake.ingress('other'));
    expect(fake.asked('patch')).toHaveLength(2);
  });

  it('is written when the VIP was known before', async () => {
    await cluster();
    watched.grant(OF_WEB, VIP);
    watched.start();
    await status();
  });

  it('is not written when it says so already', async () => {
    await cluster();
    fake.apply({ ...WEB, status: { loadBalancer: { ingress: [{ ip: VIP }] } } });
    fake.apply(clusterService('other'));
    watched.grant(OF_WEB, VIP);
    watched.grant('prod.default.other', '198.51.100.2');
    watched.start();
    await until('the other status', () => fake.ingress('other'));
    expect(fake.asked('patch').map(({ name }) => name)).toEqual(['other']);
  });

  it('is not written when the source says so', async () => {
    await cluster({}, { writeStatus: false });
    watched.grant(OF_WEB, VIP);
    watched.start();
    await watched.says('10.1.0.1', '10.1.0.2');
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.3']));
    await watched.says('10.1.0.3');
    expect(fake.asked('patch')).toEqual([]);
  });

  it('follows the VIP, and is put right when somebody else writes it', async () => {
    await standing();
    watched.grant(OF_WEB, '198.51.100.9');
    await until('the first VIP', () => fake.ingress('web'));
    watched.grant(OF_WEB, VIP);
    await status();
    fake.apply({ ...WEB, status: { loadBalancer: { ingress: [{ hostname: 'elsewhere.example' }] } } });
    await status();
  });

  it('loses the VIP when the Service is no longer served', async () => {
    await standing();
    watched.grant(OF_WEB, VIP);
    await status();
    fake.apply(clusterService('web', { spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } }));
    await until('an empty status', () => fake.ingress('web') === undefined);
  });

  it('loses the VIP when the Service leaves the selection, unless another has it by then', async () => {
    await cluster({}, { selector: 'lb=ours' });
    for (const name of ['web', 'other']) fake.apply(clusterService(name, { labels: { lb: 'ours' } }));
    watched.grant(OF_WEB, VIP);
    watched.grant('prod.default.other', '198.51.100.2');
    watched.start();
    await status();
    await until('the other status', () => fake.ingress('other'));
    await until('both to be told', () => fake.asked('patch').length === 2);
    await bothWatch();
    const theirs = { loadBalancer: { ingress: [{ hostname: 'theirs.example' }] } };
    fake.apply({ ...clusterService('other'), status: theirs });
    fake.apply(clusterService('web'));
    await until('an empty status', () => fake.ingress('web') === undefined);
    expect(fake.ingress('other')).toEqual(theirs.loadBalancer.ingress);
  });

  it('loses the VIP of a Service that left while it was written', async () => {
    await cluster({}, { selector: 'lb=ours' });
    fake.apply(clusterService('web', { labels: { lb: 'ours' } }));
    fake.fault({ on: ({ verb }) => verb === 'patch', delayMs: 300 });
    watched.start();
    await watched.says('10.1.0.1', '10.1.0.2');
    await bothWatch();
    watched.grant(OF_WEB, VIP);
    await until('a write', () => fake.asked('patch').length === 1);
    fake.apply(WEB);
    await watched.says();
    await until('the write and the one that takes it back', () => fake.asked('patch').length === 2);
    await until('an empty status', () => fake.ingress('web') === undefined);
  });

  it('that may not be written is told once, and leaves the source as it is', async () => {
    await standing();
    const heal = fake.fault({ on: ({ verb }) => verb === 'patch', status: 403, times: Infinity });
    watched.grant(OF_WEB, VIP);
    await until('several tries', () => fake.asked('patch').length > 3);
    expect(watched.warnings).toEqual([
      expect.stringMatching(/^BackendSource prod: the status of Service default\/web cannot be written/),
    ]);
    expect(watched.said.every(({ type }) => type === 'content')).toBe(true);
    heal();
    await status();
  });

  it('is written in the end when the cluster is away meanwhile', async () => {
    await standing();
    fake.goAway();
    watched.grant(OF_WEB, VIP);
    await watched.isAway('');
    fake.comeBack();
    await status();
    expect(watched.warnings).toEqual([]);
  });

  it('is written for each family', async () => {
    await cluster();
    const both = { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' };
    fake.apply(clusterService('web', { spec: both }));
    watched.grant(OF_WEB, VIP);
    watched.grant(`${OF_WEB}_ipv6`, '2001:db8::1');
    watched.start();
    await until('two addresses', () => (fake.ingress('web') as unknown[] | undefined)?.length === 2);
    expect(fake.ingress('web')).toEqual([
      { ip: VIP, ipMode: 'VIP' },
      { ip: '2001:db8::1', ipMode: 'VIP' },
    ]);
  });
});

describe('the end', () => {
  it.each([
    ['while it watches', {}, {}],
    ['while it lists', { on: isListOfSlices, hang: true as const }, {}],
    ['while it waits for the next try', { status: 500, times: Infinity }, { firstMs: 600_000 }],
  ])('%s leaves nothing open and says nothing more', async (_, fault, pause) => {
    await cluster();
    const before = openResources();
    if (Object.keys(fault).length > 0) fake.fault(fault);
    watched.start({ backOff: { firstMs: 10, longestMs: 600_000, ...pause } });
    await until('requests', () => fake.asked('list').length === 2);
    if (Object.keys(fault).length === 0) await bothWatch();
    await watched.stop();
    const said = watched.said.length;
    await until('all connections to end', () => fake.connections === 0);
    await until('all timers and sockets to end', () => openResources() === before);
    fake.apply(clusterSlice('web-1', 'web', ['10.1.0.8']));
    watched.grant(OF_WEB, VIP);
    await new Promise((resolve) => setImmediate(resolve));
    expect(watched.said).toHaveLength(said);
    expect(fake.connections).toBe(0);
  });
});
