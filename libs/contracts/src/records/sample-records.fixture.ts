import type { ChangeOrigin } from '../access/principal.js';
import { sample } from '../kinds/sample-resources.fixture.js';
import type { AuditSeal } from './audit-seal.js';
import type { BackendIntent, BackendRecord } from './backend-record.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeliveryRecord } from './delivery-record.js';
import type { EffectiveRecord } from './effective-record.js';
import type { FactRecord, IntakeRecord } from './fact-record.js';
import type { FrontendRecord, WeightOverride } from './frontend-record.js';
import type { Changeset, TokenRecord } from './journal-record.js';
import type { MatchRecord } from './match-record.js';
import type { NodeDrain } from './node-drain.js';
import type { RefusedRecord } from './refused-record.js';
import type { RetentionRecord } from './retention-record.js';
import type { CompactionRecord, SnapshotRecord } from './snapshot-record.js';
import type { LeaderLease } from '../node-state/leader-lease.js';
import type { NodeAnnouncements } from '../node-state/node-announcements.js';
import type { NodeManifest } from '../node-state/node-manifest.js';
import type { NodeRecord } from '../node-state/node-record.js';
import type { NodeListener } from '../node-state/node-state.js';
import type { Part, PartRecord } from './part-record.js';
import type { PluginOrder, ProposedPart, RunOrder, RunRecord } from './run-record.js';
import type { Watermark } from './watermark.js';

/** Records with every member present, for tests. */

const AT = '2026-05-30T12:00:00.000Z';
const RESOURCE = {
  ...sample('RemoteAddressClaim'),
  metadata: {
    name: 'onprem-10-88-60-9',
    project: 'default',
    annotations: { 'routerd.net/event-id': 'evt-1' },
    labels: { tier: 'edge' },
    ownerRefs: [{ apiVersion: 'a/v1', kind: 'Widget', name: 'w' }],
  },
};
const REF = { apiVersion: 'a/v1', kind: 'Widget', project: 'default', name: 'w' };
const ERROR = { code: 'plugin-exit', message: 'exit 1', errors: [{ pointer: '/a', message: 'b' }] } as const;
const CAUSE = { stream: 'ACTIVITY', seq: 7, index: 2 };
const PART_REF = { source: 'EventSubscription/s/0011223344556677', generation: 2 };

export const FACT: FactRecord = {
  fact: {
    id: 'evt-1',
    group: 'cloudedge',
    sourceNode: 'onprem-router',
    type: 'routerd.client.ipv4.observed',
    subject: '10.88.60.9/32',
    dedupeKey: 'evt-1',
    payload: { address: '10.88.60.9/32' },
    observedAt: '2026-05-30T14:00:00.123456789+02:00',
    expiresAt: AT,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    correlationId: 'c',
    causationId: 'd',
    originSequence: 7,
  },
  own: true,
  change: 'new',
  version: 1,
  current: true,
  way: 'request',
  acceptedAt: AT,
};

export const INTAKE: IntakeRecord = {
  type: 'conflict',
  code: 'content-conflict',
  message: 'other content',
  id: 'evt-1',
  sourceNode: 'onprem-router',
  way: 'peer',
  at: AT,
};

const FROM: ChangeOrigin = { subject: 'token:tok-1', address: '192.0.2.7', agent: 'signalbox/0.1.0' };

export const CHANGESET: Changeset = {
  from: FROM,
  author: 'ann',
  message: 'first',
  at: AT,
  changes: [
    { op: 'put', resource: RESOURCE, set: 'Router/edge' },
    { op: 'delete', ref: REF },
  ],
};

export const SEAL: AuditSeal = {
  ...{ number: 2, at: AT, from: 4, to: 6, key: '0011223344556677' },
  records: [
    { seq: 4, digest: 'a'.repeat(64) },
    { seq: 6, digest: 'b'.repeat(64) },
  ],
  previous: '0'.repeat(64),
  head: 'c'.repeat(64),
};

export const REFUSED: RefusedRecord = {
  id: 'a',
  since: AT,
  at: AT,
  lines: [
    { subject: 'token:tok-1', address: '192.0.2.7', reason: 'forbidden', route: 'POST /v1/apply', count: 2 },
    { address: '192.0.2.8', reason: 'unauthorized', route: 'GET /v1/runs', count: 1 },
  ],
  beyond: 3,
};

export const TOKENS: readonly TokenRecord[] = [
  { type: 'created', id: 't1', name: 'first', hash: 'ab', role: 'admin', at: AT },
  {
    ...{ type: 'created', id: 't2', name: 'shop', hash: 'cd', role: 'author', at: AT },
    ...{ scope: { orgs: ['acme'], projects: ['shop'] }, expiresAt: AT, author: 'first', from: FROM },
  },
  { type: 'created', id: 't3', name: 'vms', hash: 'ef', role: 'viewer', at: AT, emits: ['cloudedge'] },
  { type: 'revoked', id: 't1', at: AT },
  { type: 'revoked', id: 't2', at: AT, author: 'first', from: FROM },
];

export const ORDER: RunOrder = {
  runId: 'run-1',
  attempt: 1,
  subscription: 's',
  plugin: 'p',
  group: 'cloudedge',
  revision: 3,
  source: PART_REF.source,
  facts: [{ seq: 5, id: 'evt-1', origin: 'onprem-router', factKey: 'id:evt-1', subject: '' }],
  retry: { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 },
};

const BY_HAND: PluginOrder = {
  runId: 'run-2',
  attempt: 1,
  plugin: 'claims',
  revision: 7,
  source: 'DynamicConfigSource/claims',
  facts: [],
  retry: { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 },
  trigger: { type: 'manual', configSource: 'claims', author: 'ann' },
};

const NUDGED: PluginOrder = {
  ...BY_HAND,
  runId: 'run-3',
  source: 'Plugin/claims',
  trigger: { type: 'event', topic: 'events.lan.client.>', seq: 9 },
};

const PROPOSED: ProposedPart = {
  observedAt: AT,
  expiresAt: AT,
  resources: [RESOURCE],
  directives: [{ op: 'mask', target: { apiVersion: 'a/v1', kind: 'Widget', name: 'w' }, reason: 'moved' }],
  actionPlans: [
    {
      name: 'assign',
      provider: 'oci',
      action: 'assign-secondary-ip',
      target: { address: '10.88.60.9/32' },
      providerRef: 'p',
      mode: 'dry-run',
      description: 'd',
      riskLevel: 'medium',
      idempotencyKey: 'k',
      parameters: { a: 'b' },
      preconditions: [{ name: 'free', target: { a: 1 } }],
      expectedEffects: ['e'],
      undo: { action: 'unassign-secondary-ip', parameters: { a: 'b' } },
    },
  ],
};

export const RUNS: readonly RunRecord[] = [
  { type: 'planned', at: AT, ...ORDER, contents: [FACT.fact], config: { generation: 3, replaces: 0 } },
  {
    type: 'planned',
    at: AT,
    ...ORDER,
    facts: ORDER.facts.map((fact) => ({ ...fact, observedAt: AT, originSequence: 5 })),
  },
  { type: 'planned', at: AT, ...BY_HAND, contents: [FACT.fact] },
  { type: 'ended', at: AT, order: BY_HAND, outcome: 'lost' },
  { type: 'planned', at: AT, ...NUDGED, contents: [] },
  { type: 'started', at: AT, runId: 'run-3', attempt: 1 },
  { type: 'started', at: AT, runId: 'run-1', attempt: 1, pluginDigest: 'ab' },
  {
    type: 'ended',
    at: AT,
    order: ORDER,
    outcome: 'proposed',
    execution: {
      startedAt: AT,
      durationMs: 12.5,
      pluginDigest: 'ab',
      exitCode: 0,
      signal: 'SIGTERM',
      stdoutDigest: 'cd',
      stderr: '',
    },
    outcomes: [{ eventId: 'evt-1', outcome: 'ignored', reason: 'not ours' }],
    part: PROPOSED,
    error: ERROR,
  },
  {
    type: 'discovered',
    at: AT,
    runId: 'discovery-1',
    owner: 'BackendSource/vms',
    observedAt: AT,
    resources: [RESOURCE],
    facts: ORDER.facts,
    factOf: [-1],
    group: 'cloudedge',
  },
  {
    type: 'withdrawn',
    at: AT,
    owner: 'EventSubscription/s',
    lineages: ['a\u0000b'],
    dueAt: AT,
    reason: 'deleted',
  },
  {
    type: 'withdraw-cancelled',
    at: AT,
    owner: 'EventSubscription/s',
    lineages: ['a\u0000b'],
    reason: 'back',
  },
];

const PART: Part = {
  ...PROPOSED,
  ...PART_REF,
  owner: 'EventSubscription/s',
  runId: 'run-1',
  attempt: 1,
  subscription: 's',
  plugin: 'p',
  group: 'cloudedge',
  revision: 3,
  facts: ORDER.facts,
  digest: 'ef',
};

export const PARTS: readonly PartRecord[] = [
  { type: 'accepted', at: AT, cause: CAUSE, part: PART, supersedes: [PART_REF] },
  {
    type: 'rejected',
    at: AT,
    cause: CAUSE,
    runId: 'run-1',
    attempt: 1,
    owner: 'EventSubscription/s',
    source: PART_REF.source,
    error: ERROR,
  },
  {
    type: 'quarantined',
    ...PART_REF,
    at: AT,
    cause: CAUSE,
    owner: 'EventSubscription/s',
    reason: 'domain gone',
  },
];

export const EFFECTIVE: EffectiveRecord = {
  type: 'generation',
  generation: 4,
  chunk: 0,
  complete: true,
  at: AT,
  cause: CAUSE,
  revision: 0,
  digest: 'ab',
  resources: 1,
  added: [{ resource: RESOURCE, part: PART_REF, revision: 3 }],
  changed: [{ resource: RESOURCE }],
  removed: [REF],
  quarantined: [{ ...PART_REF, reason: 'domain gone' }],
  suppressed: [{ target: REF, maskedBy: ['EventSubscription/s/0'], until: AT, reason: 'repair' }],
};

export const RETENTION: RetentionRecord = { group: 'g', upTo: 7, facts: 3, bound: 'maxAge', at: AT };

export const SNAPSHOT: SnapshotRecord = {
  projection: 'runs',
  position: 7,
  chunk: 1,
  firstSeq: 8,
  complete: true,
  at: AT,
  tables: [{ table: 'runs', rows: [{ run_id: 'run-1', fact_ids: ['f'], last_seq: 7 }] }],
  piece: { table: 'runs', json: '{"run_id":"run-2",', last: false },
};

export const COMPACTION: CompactionRecord = { upTo: 7, at: AT };

export const MATCH: MatchRecord = { revision: 3, fromSeq: 9, reevaluated: ['s'], at: AT };

const DELIVERY = {
  group: 'cloudedge',
  peer: 'cloud-router',
  seq: 5,
  id: 'evt-1',
  version: 1,
  observedAt: AT,
  expiresAt: AT,
  attempts: 1,
  at: AT,
};

export const DELIVERIES: readonly DeliveryRecord[] = [
  { type: 'delivered', ...DELIVERY, duplicate: false },
  { type: 'dead', ...DELIVERY, error: ERROR },
];

const BACKEND: BackendRecord = {
  backend: 'nginx1',
  version: 3,
  at: AT,
  to: 'up',
  since: AT,
  result: { ok: true, code: 'started', detail: '' },
  address: '172.20.30.11',
};

/** Of a new backend, of a probe, of an operator. */
export const BACKENDS: readonly BackendRecord[] = [
  BACKEND,
  {
    ...BACKEND,
    from: 'unknown',
    result: { ok: true, layer: 'L7', code: 'L7OK', detail: 'HTTP 200' },
    healthcheck: 'http-check',
  },
  {
    ...BACKEND,
    from: 'up',
    to: 'paused',
    result: { ok: false, code: 'paused', detail: 'paused by ann' },
    healthcheck: 'http-check',
    by: { author: 'ann', reason: 'new disks' },
  },
];

const INTENT: BackendIntent = {
  backend: 'nginx1',
  intent: 'disable',
  configEnabled: true,
  at: AT,
  author: 'ann',
};

export const INTENTS: readonly BackendIntent[] = [INTENT, { ...INTENT, reason: 'new disks', from: FROM }];

const FRONTEND: FrontendRecord = {
  frontend: 'http-vip',
  version: 2,
  at: AT,
  to: 'up',
  activePool: 'primary',
  targets: [
    {
      pool: 'primary',
      backend: 'nginx1',
      address: '172.20.30.11',
      weight: 100,
      effective: 100,
      flush: false,
      why: { rule: 'active', text: 'up in the active pool' },
    },
  ],
  gone: [{ pool: 'fallback', backend: 'nginx3' }],
};

export const FRONTENDS: readonly FrontendRecord[] = [
  FRONTEND,
  { ...FRONTEND, from: 'up', to: 'removed', targets: [] },
];

const OVERRIDE = { frontend: 'http-vip', pool: 'primary', backend: 'nginx1', at: AT, author: 'ann' };

export const OVERRIDES: readonly WeightOverride[] = [
  { type: 'set', ...OVERRIDE, weight: 0 },
  { type: 'set', ...OVERRIDE, weight: 5, reason: 'canary', expiresAt: AT, from: FROM },
  { type: 'cleared', ...OVERRIDE },
  { type: 'cleared', ...OVERRIDE, reason: 'canary is over', from: FROM },
];

export const NODE_DRAINS: readonly NodeDrain[] = [
  { node: 'edge-1', drained: true, at: AT, author: 'ann', reason: 'a new kernel', from: FROM },
  { node: 'edge-1', drained: false, at: AT, author: 'ann' },
];

const LISTENER: NodeListener = {
  name: 'web',
  address: '192.0.2.1',
  protocol: 'tcp',
  port: 80,
  listenAt: { address: '127.0.0.1', port: 8080 },
  algorithm: 'maglev',
  tableSize: 251,
  affinity: { type: 'source-ip', timeoutMs: 60_000 },
  connectionLimit: 1000,
  timeouts: { connectMs: 5_000, clientMs: 50_000, targetMs: 50_000 },
  targets: [{ address: '10.0.0.1', port: 8080, weight: 100, flushes: 0 }],
};

export const NODE_LISTENERS: readonly NodeListener[] = [
  LISTENER,
  { ...LISTENER, algorithm: 'maglev', forwarding: 'dsr' },
  { ...LISTENER, protocol: 'http', affinity: { type: 'app-cookie', cookie: 'SESSION' } },
  {
    ...LISTENER,
    protocol: 'terminated-https',
    tls: {
      certificates: [
        { name: 'shop', file: '/etc/shop.pem' },
        { name: 'mail', file: '/etc/mail.pem', keyFile: '/etc/mail.key' },
      ],
      minVersion: '1.2',
      http2: true,
    },
    insertHeaders: ['X-Forwarded-For', 'X-Forwarded-Proto'],
    policies: [
      {
        ...{ name: 'no-bots', action: 'reject' },
        rules: [{ type: 'header', key: 'user-agent', compare: 'contains', value: 'bot', invert: true }],
      },
      {
        ...{ name: 'old', action: 'redirect-to-url', url: 'https://a.example', code: 302 },
        rules: [{ type: 'path', compare: 'equal-to', value: '/old' }],
      },
      {
        ...{ name: 'moved', action: 'redirect-prefix', prefix: 'https://b.example', code: 301 },
        rules: [{ type: 'file-type', compare: 'regex', value: 'jpe?g' }],
      },
    ],
    proxyProtocol: 'v2',
  },
];

export const LEADER_LEASES: readonly LeaderLease[] = [
  { node: 'lb1', run: 'r1', count: 7, rank: 0, leaseMs: 10_000 },
  { node: 'lb1', run: 'r1', count: 8, rank: 1, leaseMs: 10_000, released: true, wantedBy: 'lb2' },
];

export const NODE_ANNOUNCEMENTS: NodeAnnouncements = {
  drained: true,
  routerId: '192.0.2.1',
  prefixes: ['192.0.2.0/24'],
  peers: [
    {
      ...{ name: 'r1', address: '192.0.2.254', port: 179, asn: 65_000, localAsn: 65_001 },
      ...{ localAddress: '192.0.2.1', holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 },
      ...{ passwordFile: '/etc/signalbox/bgp', multihop: 2, gracefulRestart: true },
      bfd: { receiveMs: 100, transmitMs: 100, multiplier: 3 },
    },
  ],
  vips: [
    {
      ...{ address: '192.0.2.10', announcement: 'edge', method: 'bird', listeners: ['web'] },
      ...{ withdrawWithoutTargets: true, drainMs: 5_000, interface: 'lo', barred: 'it serves 1 of 2' },
      route: { peers: ['r1'], communities: ['65000:100'], localPref: 100, med: 10 },
    },
    {
      ...{ address: '192.0.2.11', announcement: 'segment', method: 'vrrp', listeners: ['web'] },
      ...{ withdrawWithoutTargets: false, drainMs: 0, interface: 'eth0' },
      leadership: { rank: 0, preempt: false, leaseMs: 10_000, virtualRouterId: 51, advertMs: 1_000 },
    },
  ],
};

export const NODE_MANIFEST: NodeManifest = {
  node: 'local',
  epoch: '0123456789abcdef',
  generation: 3,
  at: AT,
  driver: 'sim',
  syncIntervalMs: 30_000,
  listeners: [{ name: 'web', key: 'local.listener.web.a', digest: 'd' }],
  announcements: { key: 'local.announcements.a', digest: 'd' },
};

const NODE: NodeRecord = {
  node: 'local',
  version: 2,
  at: AT,
  driver: 'sim',
  state: 'ready',
  epoch: '0123456789abcdef',
  appliedGeneration: 3,
  capabilities: {
    protocols: ['tcp', 'udp'],
    algorithms: ['round-robin', 'maglev'],
    affinity: ['source-ip'],
    flush: true,
    targetPorts: true,
    mixedFamilies: true,
    connectionLimit: true,
    proxyProtocol: false,
    policies: false,
    dsr: ['maglev'],
    maxTargets: 1000,
  },
  listeners: [
    {
      name: 'web',
      state: 'applied',
      generation: 3,
      listensAt: { address: '127.0.0.1', port: 8080 },
      digest: 'd',
      tableDigest: 't',
      certificates: [
        { name: 'shop', sha256: 'a'.repeat(64), names: ['shop.example'], notBefore: AT, notAfter: AT },
      ],
      warning: 'the table is small',
    },
  ],
  gone: ['shop'],
  trafficDigest: 'd',
  drained: true,
  vipCounts: { announced: 1, all: 2 },
  vips: [
    {
      ...{ address: '192.0.2.10', announcement: 'edge', method: 'bird', state: 'announced' },
      ...{ since: AT, to: ['r1'] },
    },
    {
      ...{ address: '192.0.2.11', announcement: 'segment', method: 'vrrp', state: 'standby' },
      ...{ since: AT, why: 'lb2 leads it' },
    },
  ],
  goneVips: ['192.0.2.12'],
  peers: [
    { name: 'r1', state: 'up', since: AT, bfd: 'up' },
    { name: 'r2', state: 'down', since: AT, why: 'no route to host' },
  ],
};

export const NODES: readonly NodeRecord[] = [
  NODE,
  {
    ...NODE,
    state: 'unavailable',
    error: { code: 'data-plane-unavailable', message: 'HAProxy does not answer' },
    listeners: [
      {
        name: 'web',
        state: 'refused',
        generation: 3,
        digest: 'd',
        error: { code: 'listen-failed', message: '127.0.0.1:80 is in use' },
      },
    ],
  },
];

export const DEAD: DeadLetter = {
  service: 'matcher',
  error: ERROR,
  at: AT,
  subject: 'facts.a.own.1.t',
  stream: 'FACTS_a',
  seq: 5,
  deliveries: 3,
  encoding: 'utf8',
  data: '{',
  truncated: false,
  about: { fact: 'evt-1' },
};

export const WATERMARK: Watermark = {
  service: 'matcher',
  stream: 'JOURNAL',
  seq: 3,
  appended: { stream: 'ACTIVITY', seq: 9 },
};
