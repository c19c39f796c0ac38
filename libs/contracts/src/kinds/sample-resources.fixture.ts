import { CodedError } from '../errors.js';
import type { Resource } from '../resource.js';
import { validateResource } from '../validate.js';
import { KNOWN_KINDS } from './registry.js';

/** One valid spec of each known kind, for tests; together they form a set without a broken reference. */
export const SAMPLE_SPECS = {
  EventGroup: {
    nodeName: 'cloud-router',
    auth: { mode: 'hmac', secretFile: '/etc/signalbox/edge.key' },
    listen: { address: '169.254.110.2', port: 8787 },
    replayWindow: '5m',
    members: ['onprem-router'],
  },
  EventPeer: {
    groupRef: 'sample',
    nodeName: 'onprem-router',
    endpoint: 'http://169.254.110.1:8787',
    direction: 'push',
    types: ['routerd.client.ipv4.observed'],
    subjectPrefixes: ['10.88.60.'],
  },
  FederationSLO: {
    groupRef: 'sample',
    delivery: { lagWarnSeconds: 10, lagFailSeconds: 30, expiresSoonSeconds: 60 },
    subscription: { maxPendingRuns: 5, maxFailedRuns: 1 },
  },
  EventSubscription: {
    groupRef: 'sample',
    match: {
      types: ['routerd.client.ipv4.observed'],
      subjectPrefixes: ['10.88.60.'],
      payload: { ownerSide: 'onprem' },
      sourceNodes: ['onprem-router'],
    },
    trigger: { pluginRef: 'sample', concurrency: 4 },
    retry: { maxAttempts: 3, backoff: '1s', maxBackoff: '1m' },
    retract: { types: ['routerd.client.ipv4.gone'], grace: '0s' },
  },
  Plugin: {
    executable: '/usr/local/libexec/plugins/event-to-remote-claim',
    timeout: '10s',
    env: { REGION: 'eu' },
    capabilities: ['observe.cloud', 'propose.dynamicConfig'],
    context: {
      resources: [{ apiVersion: 'net.routerd.net/v1alpha1', kind: 'WireGuardPeer', name: 'absent' }],
    },
    sha256: 'a'.repeat(64),
    concurrency: 4,
  },
  DynamicOverridePolicy: {
    allow: [
      {
        source: 'EventSubscription/sample',
        operations: ['mask'],
        targets: [{ apiVersion: 'hybrid.routerd.net/v1alpha1', kind: 'OverlayPeer', name: 'absent' }],
      },
      {
        source: 'Plugin/sample',
        operations: ['mask'],
        targets: [
          { apiVersion: 'balance.signalbox.dev/v1alpha1', kind: 'Backend', project: 'lab', name: 'b' },
        ],
      },
    ],
  },
  ResourceSchema: {
    apiVersion: 'net.example.net/v1',
    kind: 'StaticRoute',
    schema: { type: 'object', required: ['via'], properties: { via: { type: 'string', format: 'ip' } } },
  },
  DynamicConfigSource: {
    pluginRef: 'sample',
    ttl: '10m',
    mergePolicy: { conflict: 'reject' },
    triggers: [{ type: 'interval', every: '5m' }],
  },
  AddressMobilityDomain: { prefix: '10.88.60.0/24', mode: 'selective-address', peerRef: 'sample' },
  RemoteAddressClaim: {
    domainRef: 'sample',
    address: '10.88.60.9/32',
    ownerSide: 'onprem',
    capture: {
      type: 'provider-secondary-ip',
      providerRef: 'sample',
      providerMode: 'secondary-ip',
      nicRef: 'nic-1',
      configureOSAddress: false,
      activeWhen: { type: 'single-router' },
    },
    delivery: { peerRef: 'sample', mode: 'route', tunnelInterface: 'wg-hybrid' },
  },
  OverlayPeer: {
    role: 'onprem',
    nodeID: 'onprem-router',
    underlay: { type: 'wireguard', interface: 'wg-hybrid', address: '169.254.110.2' },
    remote: { nodeID: 'cloud-router', address: '169.254.110.1' },
    pathMTU: { forceFragmentIPv4: true },
  },
  CloudProviderProfile: {
    provider: 'oci',
    capabilities: ['assign-secondary-ip'],
    auth: { mode: 'external-command', command: '/usr/local/libexec/provider-auth' },
  },
  HealthChecker: { transitionHistory: 5, netns: 'probes', guardPercent: 50 },
  HealthCheck: {
    type: 'http',
    port: 80,
    interval: '2s',
    fastInterval: '500ms',
    downInterval: '10s',
    timeout: '3s',
    rise: 2,
    fall: 3,
    counter: 'haproxy',
    probeIpv4Src: '172.20.30.2',
    probeIpv6Src: '2001:db8::2',
    netns: 'probes',
    params: { path: '/', host: 'www.example.net', responseCode: '200-299', responseRegexp: 'ok' },
  },
  Backend: { address: '172.20.30.11', healthcheck: 'sample', enabled: true },
  Frontend: {
    description: 'the web',
    address: '192.0.2.1',
    nodeGroup: 'edge',
    protocol: 'tcp',
    port: 80,
    pools: [{ name: 'primary' }, { name: 'fallback' }],
    algorithm: 'maglev',
    srcIpSticky: false,
    flushOnDown: true,
    failbackDelay: '30s',
    minUp: 1,
    poolActivation: 'up',
    slowStart: '0s',
    allDown: 'drop',
  },
  LoadBalancer: { description: 'the shop', address: '192.0.2.2', enabled: true, nodeGroup: 'edge' },
  Listener: {
    description: 'its web servers',
    loadBalancer: 'shop',
    protocol: 'terminated-https',
    tls: { certificates: ['sample'], minVersion: '1.3', http2: false },
    insertHeaders: ['X-Forwarded-For'],
    port: 8080,
    pools: ['sample'],
    enabled: true,
    forwarding: 'via-node',
    connectionLimit: 10_000,
    connectTimeout: '5s',
    clientTimeout: '50s',
    targetTimeout: '0s',
    flushOnDown: true,
    failbackDelay: '30s',
    minUp: 1,
    poolActivation: 'up',
    slowStart: '0s',
    allDown: 'drop',
  },
  Certificate: {
    description: 'of the shop',
    file: '/etc/signalbox/tls/shop.pem',
    keyFile: '/etc/signalbox/tls/shop.key',
  },
  L7Policy: {
    description: 'bots go away',
    listener: 'shop',
    action: 'redirect-to-url',
    position: 7,
    url: 'https://www.example.net/bots?q=1',
    code: 303,
    enabled: true,
  },
  L7Rule: {
    description: 'who says that it is one',
    policy: 'sample',
    type: 'header',
    key: 'user-agent',
    compare: 'regex',
    value: '(?i)bot',
    invert: false,
    enabled: true,
  },
  Pool: {
    description: 'on three ports',
    algorithm: 'maglev',
    tableSize: 4093,
    affinity: { type: 'http-cookie', cookie: 'shop' },
    proxyProtocol: 'v2',
    backends: { sample: { weight: 50 } },
  },
  PoolMember: { frontendRef: 'sample', pool: 'primary', backendRef: 'sample', weight: 100 },
  BackendSource: {
    description: 'machines that say where they are',
    pool: 'sample',
    healthCheck: 'sample',
    weight: 50,
    drain: '30s',
    onUnavailable: 'hold',
    unavailableAfter: '1m',
    maxRemovedPercent: 50,
    facts: {
      group: 'sample',
      type: 'vm.endpoint.up',
      subject: 'shop',
      retractType: 'vm.endpoint.down',
      tags: ['web'],
      ttl: '30s',
    },
  },
  VipPool: {
    description: 'the shops',
    addresses: ['198.51.100.0/24', '2001:db8::10-2001:db8::20'],
    projects: ['default'],
    autoAssign: true,
    avoidNetworkAndBroadcast: true,
    quarantine: '10m',
  },
  VipClaim: {
    description: 'the web shop',
    pool: 'sample',
    family: 'ipv4',
    address: '198.51.100.10',
    sharingKey: 'web',
  },
  ConfigSink: {
    description: 'what HAProxy reads',
    select: {
      kinds: ['RemoteAddressClaim'],
      names: ['onprem-*'],
      labels: { site: 'edge' },
      projects: ['default'],
    },
    format: 'json',
    template: '{{ resources | size }}',
    minWait: '1s',
    maxWait: '10s',
    onEmpty: 'hold',
    maxRemovedPercent: 50,
    onDrift: 'report',
    file: {
      path: '/var/lib/signalbox/sinks/backends.cfg',
      mode: '0640',
      owner: 'haproxy',
      group: 'haproxy',
      check: { argv: ['/usr/sbin/haproxy', '-c', '-f', '{file}'], timeout: '5s' },
      reload: { argv: ['/usr/bin/systemctl', 'reload', 'haproxy'], timeout: '10s' },
      verify: { argv: ['/usr/bin/curl', '--fail', 'http://127.0.0.1:8404/'], timeout: '5s' },
    },
  },
  Announcement: {
    method: 'bird',
    vipPools: ['sample'],
    nodeGroups: ['edge'],
    withdrawWithoutTargets: true,
    drainTime: '5s',
    peers: ['sample'],
    communities: ['65000:100', '65000:1:2', 'no-export'],
    localPref: 200,
    med: 10,
    interface: 'lo',
  },
  BgpPeer: {
    address: '203.0.113.1',
    asn: 65000,
    localAsn: 65010,
    port: 179,
    localAddress: '203.0.113.2',
    nodeGroups: ['edge'],
    holdTime: '9s',
    keepaliveTime: '3s',
    connectTime: '5s',
    passwordFile: '/etc/signalbox/bgp/password',
    multihop: 2,
    bfdProfile: 'sample',
    gracefulRestart: false,
  },
  BfdProfile: { receiveInterval: '50ms', transmitInterval: '50ms', detectMultiplier: 3 },
  Org: { description: 'a shop' },
  Project: { description: 'its web', org: 'sample' },
  Quota: {
    description: 'what it has paid for',
    org: 'sample',
    limits: {
      Backend: 100,
      BackendSource: 100,
      Certificate: 100,
      Frontend: 100,
      HealthCheck: 100,
      L7Policy: 100,
      L7Rule: 100,
      Listener: 100,
      LoadBalancer: 100,
      MaintenanceWindow: 100,
      Pool: 100,
      PoolMember: 100,
      VipClaim: 0,
    },
  },
  VppDataPlane: {
    ipv4SrcAddress: '172.20.30.2',
    ipv6SrcAddress: '2001:db8::2',
    syncInterval: '30s',
    startupMinDelay: '0s',
    startupMaxDelay: '30s',
    flowTimeout: '40s',
    stickyBucketsPerCore: 1024,
  },
  Node: {
    driver: 'haproxy',
    groups: ['edge'],
    zone: 'rack-1',
    routerId: '203.0.113.2',
    listeners: ['sample', 'lab/web'],
    listenMap: [{ vip: '192.0.2.1', port: 80, listen: '127.0.0.1', listenPort: 8080 }],
    syncInterval: '30s',
    startupMinDelay: '0s',
    startupMaxDelay: '30s',
    flowTimeout: '40s',
  },
  MaintenanceWindow: {
    from: '2026-05-30T12:00:00Z',
    to: '2026-05-30T14:00:00+01:00',
    reason: 'new line cards',
    backends: ['absent'],
    frontends: ['sample'],
  },
} as const satisfies Record<string, Record<string, unknown>>;

export type SampleKind = keyof typeof SAMPLE_SPECS;

/** Kinds whose resources cannot be called `sample`. */
const SAMPLE_NAMES: Readonly<Partial<Record<SampleKind, string>>> = {
  HealthChecker: 'default',
  // a Frontend stands for a LoadBalancer and a Listener of its name
  Listener: 'shop',
  LoadBalancer: 'shop',
  PoolMember: 'sample/sample',
  VppDataPlane: 'default',
};

/** A valid resource, named `sample` unless its kind says otherwise; `change` is a JSON merge patch on it (RFC 7396: null removes a member). */
export function sample(kind: SampleKind, change: Record<string, unknown> = {}): Resource {
  const apiVersion = KNOWN_KINDS.find((known) => known.kind === kind)?.apiVersion ?? '';
  const valid = {
    apiVersion,
    kind,
    metadata: { name: SAMPLE_NAMES[kind] ?? 'sample' },
    spec: SAMPLE_SPECS[kind],
  };
  return merged(valid, change) as Resource;
}

/** Pointers of what is wrong with a sample after a change; none means that it is valid. */
export function wrongFields(kind: SampleKind, change: Record<string, unknown>): string[] {
  try {
    validateResource(sample(kind, change));
    return [];
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'validation-failed') throw error;
    return error.errors.map(({ pointer }) => pointer);
  }
}

/** All samples at once. */
export function samples(): Resource[] {
  return (Object.keys(SAMPLE_SPECS) as SampleKind[]).map((kind) => sample(kind));
}

function merged(target: unknown, change: unknown): unknown {
  if (!isObject(change)) return change;
  const members = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete members[name];
    else members[name] = merged(members[name], value);
  }
  return members;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
