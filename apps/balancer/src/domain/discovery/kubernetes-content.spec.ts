import { clusterService, clusterSlice, type ClusterObject } from '@signalbox/testing';
import { MAX_REFUSED, type SourceContent } from './endpoint.js';
import { kubernetesContent } from './kubernetes-content.js';
import { type FrameSource, SERVICE_ANNOTATIONS } from './kubernetes-frame.js';
import { readService, readSlice } from './kubernetes-objects.js';

const SOURCE: FrameSource = {
  name: 'prod',
  project: 'default',
  spec: { server: 'https://192.0.2.1:6443' },
};

function of(change: Partial<FrameSource['spec']>): FrameSource {
  return { ...SOURCE, spec: { ...SOURCE.spec, ...change } };
}

/** What objects of a cluster bring; without a version of their own they get one. */
function content(objects: readonly ClusterObject[], source = SOURCE): SourceContent {
  const versioned = objects.map((object, at) => ({
    ...object,
    metadata: { resourceVersion: String(at + 1), ...object.metadata },
  }));
  return kubernetesContent(
    source,
    versioned.filter(({ kind }) => kind === 'Service').map(readService),
    versioned.filter(({ kind }) => kind === 'EndpointSlice').map(readSlice),
  );
}

/** Kinds and names of a frame, and what they say. */
function specs({ frame }: SourceContent): Record<string, unknown> {
  return Object.fromEntries(frame.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec]));
}

function spec(objects: readonly ClusterObject[], name: string): unknown {
  return specs(content(objects))[name];
}

describe('a Service', () => {
  it('becomes a claim, a load balancer, and a listener with a pool for each port', () => {
    const web = clusterService('web', {
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    });
    const { frame, endpoints, refused } = content([web]);
    expect(specs({ frame, endpoints, refused })).toEqual({
      'VipClaim/prod.default.web': { family: 'ipv4' },
      'LoadBalancer/prod.default.web': { vipClaim: 'prod.default.web' },
      'Listener/prod.default.web.80': {
        loadBalancer: 'prod.default.web',
        protocol: 'tcp',
        port: 80,
        pools: ['prod.default.web.80'],
      },
      'Pool/prod.default.web.80': {},
      'Listener/prod.default.web.53-udp': {
        loadBalancer: 'prod.default.web',
        protocol: 'udp',
        port: 53,
        pools: ['prod.default.web.53-udp'],
      },
      'Pool/prod.default.web.53-udp': {},
      'Listener/prod.default.web.53': {
        loadBalancer: 'prod.default.web',
        protocol: 'tcp',
        port: 53,
        pools: ['prod.default.web.53'],
      },
      'Pool/prod.default.web.53': {},
    });
    expect(endpoints).toEqual([]);
    expect(refused).toEqual([]);
    const told = frame.map(({ metadata }) => metadata.annotations);
    expect(new Set(told.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"signalbox.dev/kubernetes-service":"default/web"}']),
    );
  });

  it('stands in the project of its source', () => {
    const { frame } = content([clusterService('web')], { ...SOURCE, project: 'lab' });
    expect(frame.map(({ metadata }) => metadata.project)).toEqual(['lab', 'lab', 'lab', 'lab']);
    expect(content([clusterService('web')]).frame[0]?.metadata).not.toHaveProperty('project');
  });

  it.each([
    ['another type', { spec: { type: 'ClusterIP' } }],
    ['another class', { spec: { loadBalancerClass: 'example.net/other' } }],
    ['its end', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ])('is not served with %s', (_, wish) => {
    expect(content([clusterService('web', wish)])).toEqual({ frame: [], endpoints: [], refused: [] });
  });

  it('is served by the source of its class, in its namespace', () => {
    const web = clusterService('web', {
      namespace: 'shop',
      spec: { loadBalancerClass: 'example.net/edge' },
    });
    const ofClass = { loadBalancerClass: 'example.net/edge' };
    expect(content([web]).frame).toEqual([]);
    expect(content([web], of(ofClass)).frame).toHaveLength(4);
    expect(content([web], of({ ...ofClass, namespace: 'shop' })).frame).toHaveLength(4);
    expect(content([web], of({ ...ofClass, namespace: 'other' })).frame).toEqual([]);
    expect(content([clusterService('web')], of(ofClass)).frame).toEqual([]);
  });

  it('asks for its address in the pool of the source', () => {
    const web = clusterService('web', { spec: { loadBalancerIP: '198.51.100.7' } });
    expect(specs(content([web], of({ vipPool: 'edge' })))['VipClaim/prod.default.web']).toEqual({
      family: 'ipv4',
      pool: 'edge',
      address: '198.51.100.7',
    });
  });

  it.each([
    ['web', 'is no IP address'],
    ['2001:db8::7', 'is not of the family of the Service, ipv4'],
    ['224.0.0.1', 'is a multicast address'],
  ])('keeps what it has when it asks for the address %s', (loadBalancerIP, why) => {
    const web = clusterService('web', { spec: { loadBalancerIP } });
    expect(spec([web], 'VipClaim/prod.default.web')).toEqual({ family: 'ipv4' });
    expect(content([web]).refused).toEqual([
      `Service default/web: loadBalancerIP "${loadBalancerIP}" ${why}`,
    ]);
  });

  it('is served by its first family, and by both when it needs both', () => {
    const families = { ipFamilies: ['IPv6', 'IPv4'] };
    const prefers = clusterService('web', { spec: { ...families, ipFamilyPolicy: 'PreferDualStack' } });
    expect(Object.keys(specs(content([prefers])))).toEqual([
      'VipClaim/prod.default.web',
      'LoadBalancer/prod.default.web',
      'Listener/prod.default.web.80',
      'Pool/prod.default.web.80',
    ]);
    const needs = clusterService('web', {
      spec: { ...families, ipFamilyPolicy: 'RequireDualStack', loadBalancerIP: '198.51.100.7' },
    });
    const made = specs(content([needs]));
    expect(made['VipClaim/prod.default.web']).toEqual({ family: 'ipv6' });
    expect(made['VipClaim/prod.default.web_ipv4']).toEqual({ family: 'ipv4', address: '198.51.100.7' });
    expect(made['Listener/prod.default.web_ipv4.80']).toMatchObject({
      loadBalancer: 'prod.default.web_ipv4',
      pools: ['prod.default.web_ipv4.80'],
    });
  });

  it('keeps clients with their Pod when it says so', () => {
    const sticky = clusterService('web', { spec: { sessionAffinity: 'ClientIP' } });
    expect(spec([sticky], 'Pool/prod.default.web.80')).toEqual({
      affinity: { type: 'source-ip', timeout: '10800s' },
    });
    const short = clusterService('web', {
      spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
    });
    expect(spec([short], 'Pool/prod.default.web.80')).toMatchObject({ affinity: { timeout: '60s' } });
  });

  it('says by annotations what it has no field for', () => {
    const web = clusterService('web', {
      annotations: {
        [SERVICE_ANNOTATIONS.algorithm]: 'maglev',
        [SERVICE_ANNOTATIONS.vipPool]: 'inside',
        [SERVICE_ANNOTATIONS.sharingKey]: 'team-a',
      },
    });
    const made = specs(content([web], of({ vipPool: 'edge' })));
    expect(made['Pool/prod.default.web.80']).toEqual({ algorithm: 'maglev' });
    expect(made['VipClaim/prod.default.web']).toEqual({
      family: 'ipv4',
      pool: 'inside',
      sharingKey: 'team-a',
    });
  });

  it.each(Object.values(SERVICE_ANNOTATIONS))('is served without a wrong %s', (annotation) => {
    const web = clusterService('web', { annotations: { [annotation]: 'not so' } });
    const bare = content([clusterService('web')]);
    const served = content([web]);
    expect(specs(served)).toEqual(specs(bare));
    expect(served.refused).toEqual([
      expect.stringContaining(`Service default/web: annotation ${annotation}`),
    ]);
  });

  it('is served at its other ports when one is of SCTP', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'sig', port: 2905, protocol: 'SCTP' },
    ];
    const both = content([clusterService('web', { ports })]);
    expect(Object.keys(specs(both)).filter((name) => name.startsWith('Listener/'))).toEqual([
      'Listener/prod.default.web.80',
    ]);
    expect(both.refused).toEqual([
      'Service default/web: port 2905 is of SCTP, and only TCP and UDP are balanced',
    ]);
    expect(content([clusterService('web', { ports: ports.slice(1) })])).toMatchObject({ frame: [] });
  });

  it('is not served to everybody when it wants some clients only', () => {
    const web = clusterService('web', { spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } });
    const { frame, endpoints, refused } = content([web, clusterSlice('web-1', 'web', ['10.1.0.1'])]);
    expect({ frame, endpoints }).toEqual({ frame: [], endpoints: [] });
    expect(refused).toEqual([expect.stringContaining('loadBalancerSourceRanges 10.0.0.0/8 cannot be kept')]);
  });

  it('whose names become too long is refused', () => {
    const long = { ...SOURCE, name: 's'.repeat(128) };
    const name = 'w'.repeat(63);
    const { frame, refused } = content([clusterService(name, { namespace: 'n'.repeat(63) })], long);
    expect(frame).toEqual([]);
    expect(refused).toEqual([expect.stringContaining('/metadata/name')]);
  });

  it('is told with so many others only', () => {
    const many = Array.from({ length: MAX_REFUSED + 5 }, (_, at) =>
      clusterService(`web-${at}`, { spec: { loadBalancerIP: 'x' } }),
    );
    const { refused } = content(many);
    expect(refused).toHaveLength(MAX_REFUSED);
    expect(refused.at(-1)).toBe('and 6 more');
    expect(content(many.slice(0, MAX_REFUSED)).refused).not.toContainEqual(expect.stringMatching(/^and /));
  });
});

describe('its endpoints', () => {
  const WEB = clusterService('web');
  const POOL = 'prod.default.web.80';

  function endpoints(...slices: readonly ClusterObject[]): SourceContent['endpoints'] {
    return content([WEB, ...slices]).endpoints;
  }

  /** An endpoint with these conditions. */
  function pod(address: string, conditions: object): { address: string; conditions: object } {
    return { address, conditions };
  }

  const READY = { ready: true, serving: true, terminating: false };
  const STARTING = { ready: false, serving: false, terminating: false };
  const ENDING = { ready: false, serving: true, terminating: true };
  const ENDED = { ready: false, serving: false, terminating: true };

  it('are those of its slices, by the port of the slice', () => {
    expect(
      endpoints(
        clusterSlice('web-2', 'web', ['10.1.0.2'], { ports: [{ name: '', port: 8081 }] }),
        clusterSlice('web-1', 'web', [{ address: '10.1.0.1', targetRef: { kind: 'Pod', name: 'web-x' } }]),
        clusterSlice('other', 'other', ['10.1.0.9']),
        clusterSlice('elsewhere', 'web', ['10.1.0.8'], { namespace: 'shop' }),
      ),
    ).toEqual([
      { pool: POOL, address: '10.1.0.1', port: 8080, tags: ['web-x'] },
      { pool: POOL, address: '10.1.0.2', port: 8081 },
    ]);
  });

  it('join by the name and the protocol of the port', () => {
    const dns = clusterService('dns', {
      ports: [
        { name: 'udp', port: 53, protocol: 'UDP', targetPort: 'dns' },
        { name: 'tcp', port: 53, protocol: 'TCP', targetPort: 'dns-tcp' },
      ],
    });
    const slice = clusterSlice('dns-1', 'dns', ['10.1.0.1'], {
      ports: [
        { name: 'udp', port: 5353, protocol: 'UDP' },
        { name: 'tcp', port: 5354, protocol: 'TCP' },
        { name: 'metrics', port: 9153, protocol: 'TCP' },
        { name: 'udp', protocol: 'TCP', port: 1 },
        { name: 'tcp', protocol: 'TCP', port: null },
      ],
    });
    expect(content([dns, slice]).endpoints).toEqual([
      { pool: 'prod.default.dns.53-udp', address: '10.1.0.1', port: 5353 },
      { pool: 'prod.default.dns.53', address: '10.1.0.1', port: 5354 },
    ]);
  });

  it('are of the family of the VIP', () => {
    const both = clusterService('web', {
      spec: { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    });
    const slices = [
      clusterSlice('web-4', 'web', ['10.1.0.1']),
      clusterSlice('web-6', 'web', ['2001:db8::1'], { addressType: 'IPv6' }),
      clusterSlice('web-n', 'web', ['pod.example.net'], { addressType: 'FQDN' }),
    ];
    expect(endpoints(...slices)).toEqual([{ pool: POOL, address: '10.1.0.1', port: 8080 }]);
    expect(content([both, ...slices]).endpoints).toEqual([
      { pool: POOL, address: '10.1.0.1', port: 8080 },
      { pool: 'prod.default.web_ipv6.80', address: '2001:db8::1', port: 8080 },
    ]);
  });

  it('are drained when they end or are not ready', () => {
    expect(
      endpoints(
        clusterSlice('web-1', 'web', [
          pod('10.1.0.1', READY),
          pod('10.1.0.2', ENDING),
          pod('10.1.0.3', STARTING),
          pod('10.1.0.4', ENDED),
        ]),
      ),
    ).toEqual([
      { pool: POOL, address: '10.1.0.1', port: 8080 },
      { pool: POOL, address: '10.1.0.2', port: 8080, isDraining: true },
      { pool: POOL, address: '10.1.0.3', port: 8080, isDraining: true },
      { pool: POOL, address: '10.1.0.4', port: 8080, isDraining: true },
    ]);
  });

  it('that end but serve are used when no other is ready', () => {
    expect(
      endpoints(
        clusterSlice('web-1', 'web', [
          pod('10.1.0.2', ENDING),
          pod('10.1.0.3', STARTING),
          pod('10.1.0.4', ENDED),
        ]),
      ),
    ).toEqual([
      { pool: POOL, address: '10.1.0.2', port: 8080 },
      { pool: POOL, address: '10.1.0.3', port: 8080, isDraining: true },
      { pool: POOL, address: '10.1.0.4', port: 8080, isDraining: true },
    ]);
  });

  it('that are published though not ready are ready', () => {
    expect(
      endpoints(clusterSlice('web-1', 'web', [pod('10.1.0.1', { ready: true, terminating: true })])),
    ).toEqual([{ pool: POOL, address: '10.1.0.1', port: 8080 }]);
  });

  it.each([
    ['nothing', {}, false],
    ['null', { ready: null, serving: null, terminating: null }, false],
    ['not ready', { ready: false }, true],
    ['not ready and terminating', { ready: false, terminating: true }, true],
  ])('of which is said %s are read as the API says', (_, conditions, isDraining) => {
    const told = endpoints(
      clusterSlice('web-1', 'web', [pod('10.1.0.1', conditions), pod('10.1.0.2', READY)]),
    );
    expect(told[0]?.isDraining ?? false).toBe(isDraining);
  });

  it('that stand in two slices count once, as the more usable one', () => {
    const [one, other] = [
      clusterSlice('web-1', 'web', [pod('10.1.0.1', STARTING)]),
      clusterSlice('web-2', 'web', [pod('10.1.0.1', READY)]),
    ];
    const expected = [{ pool: POOL, address: '10.1.0.1', port: 8080 }];
    expect(endpoints(one, other)).toEqual(expected);
    expect(endpoints(other, one)).toEqual(expected);
  });

  it('that no host can be at are left out and told', () => {
    const odd = clusterSlice('web-1', 'web', ['10.1.0.1', '0.0.0.0', 'pod', '2001:db8::1']);
    const { endpoints: told, refused } = content([WEB, odd]);
    expect(told.map(({ address }) => address)).toEqual(['10.1.0.1']);
    expect(refused).toEqual(
      ['0.0.0.0', 'pod', '2001:db8::1'].map(
        (address) => `EndpointSlice default/web-1: ${address} is no address of a host of its family`,
      ),
    );
  });
});

describe('an object', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'Service'],
    ['no name', { metadata: { namespace: 'default', resourceVersion: '1' } }],
    ['no namespace', { metadata: { name: 'web', resourceVersion: '1' } }],
    ['no version', { metadata: { name: 'web', namespace: 'default' } }],
  ])('that is %s is not read', (_, value) => {
    expect(() => readService(value)).toThrow(/metadata|namespace/);
    expect(() => readSlice(value)).toThrow(/metadata|namespace/);
  });
});
