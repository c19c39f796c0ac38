import type { BackendSourceItem } from '../rest/answers.js';
import type { OrgItem, ProjectItem, QuotaItem } from '../rest/answers.js';
import type { VipClaimItem, VipItem, VipPoolItem } from '../rest/answers.js';
import type {
  ListenerItem,
  ListenerStatsItem,
  LoadBalancerItem,
  NodeDetail,
  PoolItem,
} from '../rest/answers.js';
import { FAILED_OVER, FRONTEND } from './sample-balance.fixture.js';

/** Bodies about nodes, listeners, load balancers and pools (docs/reference/rest-api.md). */
const AT = '2026-05-30T11:59:00.000Z';

const SERVED: ListenerItem['nodes'][number] = {
  ...{ node: 'edge-1', driver: 'sim', state: 'applied', current: true, generation: 7, digest: 'd1', at: AT },
  listensAt: { address: '127.0.0.1', port: 20_001 },
  tableDigest: 't1',
};

/** Served by two nodes, one of which is behind. */
export const LISTENER: ListenerItem = {
  name: 'failover-vip',
  declaredBy: 'Frontend',
  loadBalancer: 'failover-vip',
  description: '',
  address: '172.20.30.100',
  protocol: 'tcp',
  port: 80,
  enabled: true,
  algorithm: 'maglev',
  provisioningStatus: 'pending',
  provisioningReason: 'edge-2 has not applied the newest state yet',
  operatingStatus: 'online',
  state: 'up',
  since: '2026-05-30T11:55:00.000Z',
  activePool: 'primary',
  pools: FRONTEND.pools,
  nodes: [
    SERVED,
    { ...SERVED, node: 'edge-2', current: false, waits: 'it warms up', warning: 'the table is\nsmall' },
  ],
  origin: { revision: 7 },
};

/** Refused by one node, unknown to another, in another project, with every option. */
export const REFUSED_LISTENER: ListenerItem = {
  ...LISTENER,
  name: 'web',
  project: 'lab',
  declaredBy: 'Listener',
  loadBalancer: 'shop',
  description: 'the shop',
  protocol: 'terminated-https',
  connectionLimit: 10,
  tls: { certificates: ['shop', 'mail'], minVersion: '1.2', http2: true },
  insertHeaders: ['X-Forwarded-For', 'X-Forwarded-Proto'],
  policies: [
    {
      ...{ name: 'no-bots', action: 'reject' },
      rules: [
        { type: 'header', key: 'user-agent', compare: 'regex', value: '(?i)"bot"' },
        { type: 'path', compare: 'starts-with', value: '/open', invert: true },
      ],
    },
    {
      ...{ name: 'moved', action: 'redirect-prefix', prefix: 'https://www.example.net', code: 301 },
      rules: [{ type: 'host-name', compare: 'equal-to', value: 'example.net' }],
    },
    {
      ...{ name: 'old', action: 'redirect-to-url', url: 'https://www.example.net/new', code: 302 },
      rules: [{ type: 'path', compare: 'equal-to', value: '/old' }],
    },
    {
      ...{ name: 'to-api', action: 'redirect-to-pool', pool: 'api' },
      rules: [{ type: 'path', compare: 'starts-with', value: '/api' }],
    },
  ],
  proxyProtocol: 'v2',
  provisioningStatus: 'error',
  provisioningReason: 'edge-1: 172.20.30.100:80 is in use',
  operatingStatus: 'offline',
  operatingReason: 'no node serves it',
  activePool: 'fallback',
  pools: FAILED_OVER.pools,
  policyPools: [{ ...FRONTEND.pools[0]!, name: 'api', algorithm: 'random' }],
  nodes: [
    {
      ...{ node: 'edge-1', driver: 'haproxy', state: 'refused', current: false, generation: 8, at: AT },
      error: { code: 'listen-failed', message: '172.20.30.100:80 is in use' },
    },
    { node: 'edge-3', state: 'missing', current: false },
    {
      ...{ node: 'edge-4', driver: 'haproxy', state: 'applied', current: true, generation: 8, at: AT },
      listensAt: { address: '172.20.30.100', port: 443 },
      certificates: [
        {
          ...{
            name: 'lab/shop',
            sha256: 'a'.repeat(64),
            notBefore: AT,
            notAfter: '2026-08-30T00:00:00.000Z',
          },
          names: ['shop.example', '*.shop.example', 'a.example', 'b.example', 'c.example'],
        },
        { name: 'lab/mail', sha256: 'b'.repeat(64), names: [], notBefore: AT, notAfter: AT },
      ],
    },
  ],
  digestsAgree: false,
};

const STATUS = { provisioningStatus: 'active', operatingStatus: 'no-monitor' } as const;

export const LOAD_BALANCER: LoadBalancerItem = {
  name: 'shop',
  declaredBy: 'LoadBalancer',
  description: 'the shop',
  address: '172.20.30.100',
  enabled: true,
  provisioningStatus: 'error',
  operatingStatus: 'offline',
  listeners: [
    { name: 'api', protocol: 'tcp', port: 443, ...STATUS },
    {
      ...{ name: 'web', protocol: 'tcp', port: 80 },
      ...{ provisioningStatus: 'error', provisioningReason: 'edge-1: 172.20.30.100:80 is in use' },
      ...{ operatingStatus: 'offline', operatingReason: 'no node serves it' },
    },
  ],
  origin: { revision: 7 },
};

const [PRIMARY] = FRONTEND.pools[0]!.backends;

export const POOL: PoolItem = {
  name: 'blue',
  declaredBy: 'Pool',
  description: '',
  algorithm: 'round-robin',
  listeners: [
    { listener: 'api', tier: 1, active: false },
    { listener: 'shop', policies: ['to-blue', 'to-navy'], active: true },
    { listener: 'late', policies: ['bare'], active: false },
    { listener: 'web', tier: 0, active: true },
  ],
  members: [
    {
      ...{ name: 'static-primary', address: '172.20.30.21', port: 8080, state: 'up' },
      listeners: [{ ...PRIMARY!, listener: 'web' }],
    },
    { name: 'gone', state: 'missing', listeners: [] },
  ],
  origin: { revision: 7 },
};

const TRAFFIC = { connections: 2, connectionsTotal: 1200, bytesIn: 4096, bytesOut: 1_500_000 };
const COUNTED = {
  ...{ ...TRAFFIC, refusedTotal: 3 },
  requests: {
    ...{ total: 1300, responses: { '1xx': 0, '2xx': 1200, '3xx': 40, '4xx': 50, '5xx': 10, other: 0 } },
    ...{ rejectedTotal: 5, brokenTotal: 2, failedTotal: 4, perSecond: 17 },
  },
};
const COUNTED_TARGET = { address: '172.20.30.21', port: 8080, ...TRAFFIC, errorsTotal: 1 };
const TIMES = { connectMs: 1, responseMs: 14, totalMs: 20 };

/** Of a proxy of requests with a pool of policies, on two nodes, and one that does not tell. */
export const STATS: ListenerStatsItem = {
  ...{ name: 'web', project: 'lab', at: AT, total: COUNTED, silent: ['edge-3'] },
  nodes: [
    {
      ...{ node: 'edge-1', ...COUNTED, targets: [COUNTED_TARGET], times: TIMES },
      policyPools: [{ pool: 'api', targets: [COUNTED_TARGET], times: { ...TIMES, responseMs: 2 } }],
    },
    { node: 'edge-2', ...COUNTED, targets: [COUNTED_TARGET] },
  ],
};

/** Of bytes, and nobody tells. */
export const SILENT_STATS: ListenerStatsItem = {
  ...{ name: 'mail', at: AT, nodes: [], silent: ['edge-1'] },
  total: { connections: 0, connectionsTotal: 0, refusedTotal: 0, bytesIn: 0, bytesOut: 0 },
};

export const VIP_POOL: VipPoolItem = {
  name: 'edge',
  description: 'the shops',
  addresses: ['192.0.2.0/24', '2001:db8::/64'],
  projects: ['default', 'lab'],
  autoAssign: true,
  quarantine: '10m',
  size: Number.MAX_SAFE_INTEGER,
  used: 2,
  quarantined: 1,
  free: 251,
};

/** Announced by two nodes, and ready on a third. */
export const VIP: VipItem = {
  address: '192.0.2.10',
  listeners: [
    {
      ...{
        name: 'web',
        protocol: 'tcp',
        port: 80,
        provisioningStatus: 'active',
        operatingStatus: 'degraded',
      },
      ...{ operatingReason: 's3 is down', activePool: 'blue', usableTargets: 2, targets: 3 },
    },
    {
      ...{ name: 'dns', protocol: 'udp', port: 53, provisioningStatus: 'active', operatingStatus: 'online' },
      ...{ activePool: 'blue', usableTargets: 2, targets: 3 },
    },
  ],
  nodes: [
    {
      ...{ node: 'edge-1', announcement: 'edge', method: 'bird', state: 'announced' },
      ...{ since: '2026-05-30T11:58:00.000Z', to: ['r1', 'r2'] },
    },
    {
      ...{ node: 'edge-2', silent: true, announcement: 'edge', method: 'bird', state: 'announced' },
      ...{ since: AT, to: ['r1'] },
    },
    {
      ...{ node: 'edge-3', announcement: 'edge', method: 'bird', state: 'withdrawn' },
      ...{ since: AT, why: 'the node is drained' },
    },
  ],
};

/** Nobody announces it. */
export const SILENT_VIP: VipItem = {
  ...{ address: '2001:db8::10', listeners: [], nodes: [] },
  why: 'no Announcement is for VipPool/six',
};

export const VIP_CLAIM: VipClaimItem = {
  name: 'shop',
  description: 'the web shop',
  state: 'leased',
  address: '192.0.2.1',
  pool: 'edge',
  sharingKey: 'web',
  at: '2026-11-30T08:00:00.000Z',
  loadBalancers: ['shop', 'shop-admin'],
};

export const WAITING_CLAIM: VipClaimItem = {
  name: 'late',
  project: 'lab',
  state: 'waiting',
  code: 'vip-exhausted',
  reason: 'VipPool/edge has no free address',
  at: '2026-11-30T08:00:00.000Z',
  loadBalancers: [],
};

export const SOURCE: BackendSourceItem = {
  name: 'vms',
  description: 'machines of the shop',
  way: 'facts',
  pool: 'web',
  state: 'synced',
  since: '2026-11-30T08:00:00.000Z',
  endpoints: 3,
  draining: 1,
  refused: ['fact up-7 of edge-1: payload.port "http" is no port from 1 to 65535'],
  part: { source: 'BackendSource/vms', generation: 4, state: 'active', at: '2026-11-30T08:00:01.000Z' },
};

export const FAILING_SOURCE: BackendSourceItem = {
  name: 'k8s',
  project: 'lab',
  way: 'kubernetes',
  state: 'unavailable',
  since: '2026-11-30T08:00:00.000Z',
  reason: 'connect ECONNREFUSED 10.0.0.1:6443',
  endpoints: 40,
  draining: 0,
  refused: [],
  heldBack: { leaving: 30, of: 40, since: '2026-11-30T07:59:00.000Z' },
  rejected: {
    code: 'part-invalid',
    message: 'Pool/web is not there',
    since: '2026-11-30T07:59:30.000Z',
  },
  part: {
    source: 'BackendSource/lab/k8s',
    generation: 9,
    state: 'quarantined',
    reason: 'Backend/k8s-192.0.2.1:80 is declared by an operator',
    at: '2026-11-30T07:58:00.000Z',
  },
};

export const ORG: OrgItem = {
  name: 'acme',
  description: 'shops of Acme',
  projects: 2,
  use: [
    { kind: 'Backend', used: 12 },
    { kind: 'LoadBalancer', used: 3, limit: 10 },
  ],
  origin: { revision: 7 },
};

/** As a list tells of it. */
export const LISTED_ORG: OrgItem = { name: 'beta', description: '' };

export const QUOTA: QuotaItem = {
  name: 'acme',
  description: 'what it pays for',
  org: 'acme',
  limits: [
    { kind: 'LoadBalancer', limit: 10, used: 3 },
    { kind: 'Pool', limit: 2, used: 5 },
  ],
  origin: { revision: 8 },
};

export const OWN_QUOTA: QuotaItem = {
  ...{ name: 'web', project: 'web', limits: [{ kind: 'VipClaim', limit: 1, used: 0 }] },
};

export const PROJECT: ProjectItem = {
  name: 'web',
  org: 'acme',
  description: 'the web shop',
  use: [{ kind: 'VipClaim', used: 0, limit: 1 }],
  quotas: [QUOTA, OWN_QUOTA],
  origin: { revision: 7 },
};

/** As a list tells of it. */
export const LISTED_PROJECT: ProjectItem = { name: 'lab', org: 'acme' };

export const EMPTY_POOL: PoolItem = { ...POOL, name: 'vip/a~1b', listeners: [], members: [] };

export const NODE: NodeDetail = {
  name: 'edge-1',
  driver: 'haproxy',
  state: 'unavailable',
  since: '2026-05-30T11:58:00.000Z',
  at: AT,
  version: 12,
  error: { code: 'data-plane-unavailable', message: 'HAProxy does not answer' },
  epoch: 'e1',
  appliedGeneration: 8,
  trafficDigest: '3f7a51c2'.repeat(8),
  drained: true,
  refused: 1,
  vipCounts: { announced: 1, all: 2 },
  peerCounts: { up: 1, all: 2 },
  vips: [
    {
      ...{ address: '192.0.2.10', announcement: 'edge', method: 'bird', state: 'announced' },
      ...{ since: AT, to: ['r1', 'r2'] },
    },
    {
      ...{ address: '2001:db8::10', announcement: 'edge', method: 'bird', state: 'withdrawn' },
      ...{ since: AT, why: 'no target of web has a weight' },
    },
  ],
  peers: [
    { name: 'r1', state: 'up', since: AT, bfd: 'up' },
    { name: 'r2', state: 'down', since: AT, why: 'Socket: No route to host' },
  ],
  capabilities: {
    protocols: ['tcp', 'http'],
    algorithms: ['round-robin', 'least-connections'],
    affinity: ['source-ip'],
    flush: true,
    targetPorts: true,
    mixedFamilies: true,
    connectionLimit: true,
    maxTargets: 1000,
  },
  listeners: [
    {
      ...{ listener: 'api', state: 'applied', generation: 7, digest: 'd1', at: AT },
      listensAt: { address: '172.20.30.100', port: 443 },
    },
    {
      ...{ listener: 'web', state: 'refused', generation: 8, digest: 'd1', at: AT },
      error: { code: 'listen-failed', message: '172.20.30.100:80 is in use' },
    },
  ],
  origin: { revision: 7 },
};

/** Declared, and never heard of. */
export const SILENT_NODE: NodeDetail = {
  ...{ name: 'edge-9', driver: 'sim', state: 'missing', refused: 0, listeners: [] },
  ...{ vipCounts: { announced: 0, all: 0 }, vips: [], peers: [] },
  origin: { revision: 8 },
};
