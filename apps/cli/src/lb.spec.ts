import { describe, expect, it } from '@jest/globals';
import { parseDocuments, type RouterDocument, validateResources } from '@signalbox/contracts';
import {
  EMPTY_POOL,
  FAILING_SOURCE,
  LISTED_ORG,
  LISTED_PROJECT,
  LISTENER,
  LOAD_BALANCER,
  NODE,
  ORG,
  OWN_QUOTA,
  POOL,
  PROJECT,
  QUOTA,
  REFUSED_LISTENER,
  SILENT_NODE,
  SILENT_VIP,
  SOURCE,
  SILENT_STATS,
  STATS,
  VIP,
  VIP_CLAIM,
  VIP_POOL,
  WAITING_CLAIM,
} from './testing/sample-lb.fixture.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const LISTS = [
  { line: 'show nodes --limit 5', asks: '/v1/nodes?limit=5', items: [NODE, SILENT_NODE] },
  { line: 'show listeners', asks: '/v1/listeners', items: [LISTENER, REFUSED_LISTENER] },
  {
    line: 'show loadbalancers --project lab',
    asks: '/v1/loadbalancers?project=lab',
    items: [LOAD_BALANCER],
  },
  { line: 'show pools --after c1', asks: '/v1/pools?after=c1', items: [POOL, EMPTY_POOL] },
  { line: 'show vips', asks: '/v1/vips', items: [VIP, SILENT_VIP] },
  { line: 'show vips -o wide', asks: '/v1/vips', items: [VIP, SILENT_VIP] },
  { line: 'show vippools', asks: '/v1/vippools', items: [VIP_POOL] },
  { line: 'show sources', asks: '/v1/backendsources', items: [SOURCE, FAILING_SOURCE] },
  { line: 'show vippools --project lab', asks: '/v1/vippools?project=lab', items: [VIP_POOL] },
  { line: 'show orgs', asks: '/v1/orgs', items: [ORG, LISTED_ORG] },
  { line: 'show projects --org acme', asks: '/v1/projects?org=acme', items: [PROJECT, LISTED_PROJECT] },
  { line: 'show quotas --project web', asks: '/v1/quotas?project=web', items: [QUOTA, OWN_QUOTA] },
  { line: 'show vipclaims', asks: '/v1/vipclaims', items: [VIP_CLAIM, WAITING_CLAIM] },
] as const;

const SINGLES = [
  { noun: 'node', name: 'edge-1', asks: '/v1/nodes/edge-1', body: NODE },
  { noun: 'node', name: 'edge-9', asks: '/v1/nodes/edge-9', body: SILENT_NODE },
  { noun: 'listener', name: 'failover-vip', asks: '/v1/listeners/failover-vip', body: LISTENER },
  { noun: 'listener', name: 'web', asks: '/v1/listeners/web', body: REFUSED_LISTENER },
  { noun: 'loadbalancer', name: 'shop', asks: '/v1/loadbalancers/shop', body: LOAD_BALANCER },
  { noun: 'pool', name: 'blue', asks: '/v1/pools/blue', body: POOL },
  { noun: 'pool', name: 'vip/a~1b', asks: '/v1/pools/vip%2Fa~1b', body: EMPTY_POOL },
  { noun: 'vip', name: '192.0.2.10', asks: '/v1/vips/192.0.2.10', body: VIP },
  { noun: 'vip', name: '2001:db8::10', asks: '/v1/vips/2001%3Adb8%3A%3A10', body: SILENT_VIP },
  { noun: 'vippool', name: 'edge', asks: '/v1/vippools/edge', body: VIP_POOL },
  { noun: 'org', name: 'acme', asks: '/v1/orgs/acme', body: ORG },
  { noun: 'project', name: 'web', asks: '/v1/projects/web', body: PROJECT },
  { noun: 'quota', name: 'acme', asks: '/v1/quotas/acme', body: QUOTA },
  { noun: 'vipclaim', name: 'shop', asks: '/v1/vipclaims/shop', body: VIP_CLAIM },
  { noun: 'vipclaim', name: 'late', asks: '/v1/vipclaims/late', body: WAITING_CLAIM },
  { noun: 'source', name: 'vms', asks: '/v1/backendsources/vms', body: SOURCE },
  { noun: 'source', name: 'k8s', asks: '/v1/backendsources/k8s', body: FAILING_SOURCE },
] as const;

describe('show', () => {
  it('says of a listener that its targets answer clients themselves', async () => {
    const body = { ...LISTENER, declaredBy: 'Listener', forwarding: 'dsr' };
    cli.site.on('GET /v1/listeners/direct', { body });
    expect((await signalbox('show listener direct')).out).toMatch(/^forwarding +dsr$/m);
  });

  it.each(LISTS)('$line', async ({ line, asks, items }) => {
    cli.site.on(`GET ${asks.split('?')[0]}`, { body: { items, next: null } });
    const table = await signalbox(line);
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(table.out).toMatchSnapshot();
    expect(cli.site.requests[0]?.url).toBe(asks);
    expect((await signalbox(`${line} -o wide`)).out).toMatchSnapshot();
    expect(JSON.parse((await signalbox(`${line} -o json`)).out)).toEqual(items);
  });

  it.each(SINGLES)('$noun $name', async ({ noun, name, asks, body }) => {
    cli.site.on(`GET ${asks}`, { body });
    const text = await signalbox(`show ${noun} ${name}`);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatchSnapshot();
    expect(text.out).not.toMatch(/ $/m);
    expect((await signalbox(`show ${noun}s ${name} -o json`)).out).toBe(`${JSON.stringify(body, null, 2)}\n`);
  });

  it.each([STATS, SILENT_STATS])('stats $name', async (body) => {
    cli.site.on(`GET /v1/listeners/${body.name}/stats`, { body });
    const text = await signalbox(`show stats ${body.name} --project lab`);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatchSnapshot();
    expect(text.out).not.toMatch(/ $/m);
    expect((await signalbox(`show stats ${body.name} --project lab -o json`)).out).toBe(
      `${JSON.stringify(body, null, 2)}\n`,
    );
    expect(await signalbox('show stats')).toMatchObject({ code: 2 });
  });

  it('knows no project of a node', async () => {
    expect(await signalbox('show nodes --project lab')).toMatchObject({ code: 2 });
  });
});

describe('describe', () => {
  it.each(SINGLES)('$noun $name says all of it', async ({ noun, name, asks, body }) => {
    cli.site.on(`GET ${asks}`, { body });
    const { code, out } = await signalbox(`describe ${noun} ${name}`);
    expect(code).toBe(0);
    expect(out).toBe((await signalbox(`show ${noun} ${name} -o wide`)).out);
    expect(out).toMatchSnapshot();
  });

  it('a noun that is written as a kind is a resource', async () => {
    cli.site.on('GET /v1/resources/Listener/web', problem(404, 'not-found', 'no Listener web'));
    expect((await signalbox('describe Listener web')).code).toBe(4);
    expect(cli.site.requests[0]?.url).toBe('/v1/resources/Listener/web');
  });

  it('in a project', async () => {
    cli.site.on('GET /v1/listeners/web', { body: REFUSED_LISTENER });
    expect((await signalbox('describe listener web --project lab')).code).toBe(0);
    expect(cli.site.requests[0]?.url).toBe('/v1/listeners/web?project=lab');
  });
});

describe('drain', () => {
  const TARGETS = [
    { listener: 'api', pool: 'green', weight: 0, effective: 0 },
    { listener: 'web', pool: 'blue', weight: 0, effective: 0 },
  ];

  it.each([
    ['drain b1', {}],
    ['drain b1 --listener web --expires 1h', { listener: 'web', expiresIn: '1h' }],
    ['undrain b1 --reason done', { reason: 'done' }],
  ])('%s', async (line, body) => {
    const verb = line.split(' ')[0]!;
    cli.site.on(`POST /v1/backends/b1/${verb}`, { body: { backend: 'b1', targets: TARGETS } });
    expect(await signalbox(line)).toEqual({
      code: 0,
      out: 'b1 in api pool green: weight 0 effective 0\nb1 in web pool blue: weight 0 effective 0\n',
      err: '',
    });
    expect(JSON.parse(cli.site.requests[0]!.body)).toEqual(body);
  });

  it('refuses a time that is none before anything is sent', async () => {
    expect(await signalbox('drain b1 --expires soon')).toMatchObject({ code: 2 });
    expect(cli.site.requests).toEqual([]);
  });
});

describe('lb', () => {
  const made = { revision: 8, generation: 9, changed: true, dryRun: false, pending: false };
  const plan = [{ apiVersion: 'v', kind: 'LoadBalancer', project: 'default', name: 'shop', action: 'added' }];

  it('add makes a listener with three servers and their check in one changeset', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan } });
    const line = 'lb add shop [2001:db8::1]:80 --backend [::1]:1 b=[::1]:2 [::1]:3 --check http:/up';
    expect(await signalbox(line)).toMatchObject({ code: 0, out: expect.stringContaining('1 added') });
    expect(cli.site.requests).toHaveLength(1);
    const { metadata, spec } = JSON.parse(cli.site.requests[0]!.body) as RouterDocument;
    expect(metadata.name).toBe('lb-shop');
    const named = spec.resources.map((one) => [`${one.kind}/${one.metadata.name}`, one.spec]);
    expect(Object.fromEntries(named)).toEqual({
      'HealthCheck/shop': { type: 'http', interval: '2s', timeout: '1s', params: { path: '/up' } },
      'Backend/shop-1': { address: '::1', port: 1, healthcheck: 'shop' },
      'Backend/b': { address: '::1', port: 2, healthcheck: 'shop' },
      'Backend/shop-3': { address: '::1', port: 3, healthcheck: 'shop' },
      'Pool/shop': { backends: { 'shop-1': {}, b: {}, 'shop-3': {} } },
      'LoadBalancer/shop': { address: '2001:db8::1' },
      'Listener/shop': { loadBalancer: 'shop', protocol: 'tcp', port: 80, pools: ['shop'] },
    });
  });

  it('add makes what validates, in the project and with the algorithm that are named', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan } });
    await signalbox(
      'lb add shop 192.0.2.1:53 --backend 10.0.0.1:53 --protocol udp --algorithm maglev --project lab --dry-run',
    );
    const [request] = cli.site.requests;
    expect(request?.url).toBe('/v1/apply?dryRun=true');
    const [document] = parseDocuments(request!.body);
    const resources = validateResources(document!.resources);
    expect(resources.map(({ metadata }) => metadata.project)).toEqual(Array(4).fill('lab'));
  });

  it('add lets servers answer clients themselves', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan } });
    await signalbox('lb add shop 192.0.2.1:53 --backend 10.0.0.1:53 --algorithm maglev --forwarding dsr');
    const resources = validateResources(parseDocuments(cli.site.requests[0]!.body)[0]!.resources);
    const listener = resources.find(({ kind }) => kind === 'Listener');
    expect(listener?.spec).toMatchObject({ protocol: 'tcp', forwarding: 'dsr' });
  });

  it('add claims an address when it is to be handed out', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan } });
    await signalbox('lb add shop auto:443 --vip-pool edge --project lab');
    await signalbox('lb add shop auto:443');
    const [pooled, any] = cli.site.requests.map(({ body }) =>
      validateResources(parseDocuments(body)[0]!.resources).map(({ kind, metadata, spec }) => ({
        kind,
        ...metadata,
        spec,
      })),
    );
    expect(pooled).toEqual([
      { kind: 'Pool', name: 'shop', project: 'lab', spec: {} },
      { kind: 'VipClaim', name: 'shop', project: 'lab', spec: { pool: 'edge' } },
      { kind: 'LoadBalancer', name: 'shop', project: 'lab', spec: { vipClaim: 'shop' } },
      expect.objectContaining({ kind: 'Listener', spec: expect.objectContaining({ port: 443 }) }),
    ]);
    expect(any).toContainEqual({ kind: 'VipClaim', name: 'shop', spec: {} });
  });

  it.each([
    'lb add shop auto',
    'lb add shop auto:0',
    'lb add shop auto:x',
    'lb add shop 192.0.2.1:80 --vip-pool edge',
    'lb add shop 192.0.2.1',
    'lb add shop 2001:db8::1:80',
    'lb add shop [192.0.2.1]:80',
    'lb add shop 192.0.2.1:0',
    'lb add shop 192.0.2.1:65536',
    'lb add shop 192.0.2.1:80 --backend =10.0.0.1:80',
    'lb add shop 192.0.2.1:80 --backend a=10.0.0.1',
    'lb add shop 192.0.2.1:80 --check https',
    'lb add shop 192.0.2.1:80 --check http:up',
    'lb add shop 192.0.2.1:80 --protocol sctp',
  ])('%s is refused before anything is sent', async (line) => {
    expect(await signalbox(line)).toMatchObject({ code: 2, out: '' });
    expect(cli.site.requests).toEqual([]);
  });

  it('rm takes all of it back at once', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan: [{ ...plan[0], action: 'removed' }] } });
    expect(await signalbox('lb rm shop')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 removed'),
    });
    expect(JSON.parse(cli.site.requests[0]!.body)).toMatchObject({
      metadata: { name: 'lb-shop' },
      spec: { resources: [] },
    });
  });

  it('of two projects are two sets, whatever the names', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, plan } });
    const named = [];
    for (const line of ['lb rm lab-web', 'lb rm web --project lab', 'lb rm lab/web']) {
      await signalbox(line);
      const { metadata } = JSON.parse(cli.site.requests.at(-1)!.body) as RouterDocument;
      named.push(metadata.name);
    }
    expect(named).toEqual(['lb-lab-web', 'lb-lab/web', 'lb-default/lab/web']);
  });

  it('rm of what "lb add" did not make ends with 4', async () => {
    cli.site.on('POST /v1/apply', { body: { ...made, changed: false, plan: [] } });
    expect(await signalbox('lb rm shop')).toMatchObject({
      code: 4,
      err: expect.stringContaining('not-found'),
    });
  });
});
