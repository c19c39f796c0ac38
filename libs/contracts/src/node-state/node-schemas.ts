import { ERRORS } from '../errors.js';
import {
  COUNT,
  FLAG,
  listOf,
  oneOf,
  type Schema,
  shape,
  taggedBy,
  TEXT,
  text,
  wholeNumber,
} from '../schema/shape.js';
import {
  INSERTABLE_HEADERS,
  type NodeCertificate,
  type NodeTls,
  PROXY_PROTOCOLS,
  type ServedCertificate,
  TLS_VERSIONS,
} from './listener-tls.js';
import {
  type Capabilities,
  type ManifestListener,
  NODE_DRIVERS,
  type NodeManifest,
} from './node-manifest.js';
import { type NodePolicy, type NodeRule, REDIRECT_CODES, RULE_COMPARES, RULE_TYPES } from './node-policy.js';
import { ANNOUNCE_METHODS } from '../kinds/balance/announcement-specs.js';
import type { LeaderLease } from './leader-lease.js';
import {
  type NodeAnnouncements,
  type NodeBfd,
  type NodeBgpPeer,
  type NodePeerReport,
  type NodeVip,
  type NodeVipCounts,
  type NodeVipReport,
  PEER_STATES,
  VIP_STATES,
  type VipLeadership,
  type VipRoute,
} from './node-announcements.js';
import {
  NODE_LISTENER_STATES,
  NODE_STATES,
  type NodeListenerReport,
  type NodeRecord,
} from './node-record.js';
import {
  type Affinity,
  ALGORITHMS,
  FORWARDINGS,
  type ListenAt,
  NODE_PROTOCOLS,
  type ListenerTimeouts,
  type NodeListener,
  type NodePool,
  type NodeTarget,
} from './node-state.js';
import type { NodeVpp } from './node-vpp.js';

/** Strict schemas of desired node states and of what nodes say. */

const TIME = text('timestamp');
const PORT = wholeNumber(1, 65535);
/** 0: all of them. */
const PORT_OR_ALL = wholeNumber(0, 65535);
const ERROR = shape<NonNullable<NodeRecord['error']>>({ code: oneOf(Object.keys(ERRORS)), message: TEXT });
const AFFINITY_TYPES = ['source-ip', 'http-cookie', 'app-cookie'] as const;

const AFFINITY: Schema = taggedBy('type', [
  shape<Extract<Affinity, { type: 'source-ip' }>>({ type: oneOf(['source-ip']), timeoutMs: COUNT }),
  shape<Exclude<Affinity, { type: 'source-ip' }>>({
    type: oneOf(['http-cookie', 'app-cookie']),
    cookie: TEXT,
  }),
]);

const TLS: Schema = shape<NodeTls>({
  certificates: listOf(shape<NodeCertificate>({ name: TEXT, file: TEXT }, { keyFile: TEXT }), {
    minItems: 1,
  }),
  minVersion: oneOf(TLS_VERSIONS),
  http2: FLAG,
});

const RULES = listOf(
  shape<NodeRule>(
    { type: oneOf(RULE_TYPES), compare: oneOf(RULE_COMPARES), value: TEXT },
    { key: TEXT, invert: oneOf([true]) },
  ),
  { minItems: 1 },
);
const CODE = oneOf(REDIRECT_CODES);
const POLICY: Schema = taggedBy('action', [
  shape<Extract<NodePolicy, { action: 'reject' }>>({ action: oneOf(['reject']), name: TEXT, rules: RULES }),
  shape<Extract<NodePolicy, { action: 'redirect-to-url' }>>({
    action: oneOf(['redirect-to-url']),
    ...{ name: TEXT, url: TEXT, code: CODE, rules: RULES },
  }),
  shape<Extract<NodePolicy, { action: 'redirect-prefix' }>>({
    action: oneOf(['redirect-prefix']),
    ...{ name: TEXT, prefix: TEXT, code: CODE, rules: RULES },
  }),
  shape<Extract<NodePolicy, { action: 'redirect-to-pool' }>>({
    action: oneOf(['redirect-to-pool']),
    ...{ name: TEXT, pool: TEXT, rules: RULES },
  }),
]);

const TARGETS = listOf(
  shape<NodeTarget>(
    { address: TEXT, port: PORT_OR_ALL, weight: wholeNumber(0, 100), flushes: COUNT },
    { flush: oneOf([true]) },
  ),
);
const POOL: Schema = shape<NodePool>(
  { name: TEXT, algorithm: oneOf(ALGORITHMS), targets: TARGETS },
  { tableSize: COUNT, affinity: AFFINITY, proxyProtocol: oneOf(PROXY_PROTOCOLS) },
);

export const NODE_LISTENER: Schema = shape<NodeListener>(
  {
    name: TEXT,
    address: TEXT,
    protocol: oneOf(NODE_PROTOCOLS),
    port: PORT_OR_ALL,
    algorithm: oneOf(ALGORITHMS),
    timeouts: shape<ListenerTimeouts>({ connectMs: COUNT, clientMs: COUNT, targetMs: COUNT }),
    targets: TARGETS,
  },
  {
    listenAt: shape<ListenAt>({ address: TEXT }, { port: PORT }),
    forwarding: oneOf(FORWARDINGS.filter((one) => one !== 'via-node')),
    tableSize: COUNT,
    affinity: AFFINITY,
    connectionLimit: COUNT,
    tls: TLS,
    insertHeaders: listOf(oneOf(INSERTABLE_HEADERS)),
    policies: listOf(POLICY),
    policyPools: listOf(POOL),
    proxyProtocol: oneOf(PROXY_PROTOCOLS),
  },
);

export const NODE_MANIFEST: Schema = shape<NodeManifest>(
  {
    node: TEXT,
    epoch: TEXT,
    generation: COUNT,
    at: TIME,
    driver: oneOf(NODE_DRIVERS),
    syncIntervalMs: COUNT,
    listeners: listOf(shape<ManifestListener>({ name: TEXT, key: TEXT, digest: TEXT })),
  },
  {
    announcements: shape<NonNullable<NodeManifest['announcements']>>({ key: TEXT, digest: TEXT }),
    vpp: shape<NodeVpp>({
      ipv4SrcAddress: TEXT,
      ipv6SrcAddress: TEXT,
      stickyBucketsPerCore: COUNT,
      flowTimeoutSeconds: COUNT,
    }),
  },
);

const ASN = wholeNumber(1, 2 ** 32 - 1);
const PEER: Schema = shape<NodeBgpPeer>(
  {
    name: TEXT,
    address: TEXT,
    port: PORT,
    asn: ASN,
    localAsn: ASN,
    holdSeconds: COUNT,
    keepaliveSeconds: COUNT,
    connectSeconds: COUNT,
  },
  {
    localAddress: TEXT,
    passwordFile: TEXT,
    multihop: wholeNumber(2, 255),
    bfd: shape<NodeBfd>({ receiveMs: COUNT, transmitMs: COUNT, multiplier: COUNT }),
    gracefulRestart: oneOf([true]),
  },
);
const VIP: Schema = shape<NodeVip>(
  {
    address: TEXT,
    announcement: TEXT,
    method: oneOf(ANNOUNCE_METHODS),
    listeners: listOf(TEXT, { minItems: 1 }),
    withdrawWithoutTargets: FLAG,
    drainMs: COUNT,
    interface: TEXT,
  },
  {
    route: shape<VipRoute>(
      { peers: listOf(TEXT, { minItems: 1 }) },
      { communities: listOf(TEXT), localPref: COUNT, med: COUNT },
    ),
    leadership: shape<VipLeadership>(
      { rank: COUNT, preempt: FLAG },
      { leaseMs: COUNT, virtualRouterId: wholeNumber(1, 255), advertMs: COUNT },
    ),
    barred: TEXT,
  },
);

export const NODE_ANNOUNCEMENTS: Schema = shape<NodeAnnouncements>(
  { prefixes: listOf(TEXT), peers: listOf(PEER), vips: listOf(VIP) },
  { drained: oneOf([true]), routerId: TEXT },
);

export const LEADER_LEASE: Schema = shape<LeaderLease>(
  { node: TEXT, run: TEXT, count: COUNT, rank: COUNT, leaseMs: COUNT },
  { released: oneOf([true]), wantedBy: TEXT },
);

const CAPABILITIES: Schema = shape<Capabilities>(
  {
    protocols: listOf(oneOf(NODE_PROTOCOLS)),
    algorithms: listOf(oneOf(ALGORITHMS)),
    affinity: listOf(oneOf(AFFINITY_TYPES)),
    flush: FLAG,
    targetPorts: FLAG,
    mixedFamilies: FLAG,
    connectionLimit: FLAG,
    maxTargets: COUNT,
  },
  { proxyProtocol: FLAG, policies: FLAG, requestCounters: FLAG, dsr: listOf(oneOf(ALGORITHMS)) },
);

const CERTIFICATE: Schema = shape<ServedCertificate>({
  name: TEXT,
  sha256: text('sha256'),
  names: listOf(TEXT),
  notBefore: TIME,
  notAfter: TIME,
});

export const NODE_RECORD: Schema = shape<NodeRecord>(
  {
    node: TEXT,
    version: COUNT,
    at: TIME,
    driver: oneOf(NODE_DRIVERS),
    state: oneOf(NODE_STATES),
    capabilities: CAPABILITIES,
    listeners: listOf(
      shape<NodeListenerReport>(
        { name: TEXT, state: oneOf(NODE_LISTENER_STATES), generation: COUNT, digest: TEXT },
        {
          listensAt: shape<NonNullable<NodeListenerReport['listensAt']>>({
            address: TEXT,
            port: PORT_OR_ALL,
          }),
          tableDigest: TEXT,
          certificates: listOf(CERTIFICATE),
          error: ERROR,
          warning: TEXT,
        },
      ),
    ),
    gone: listOf(TEXT),
  },
  {
    error: ERROR,
    epoch: TEXT,
    appliedGeneration: COUNT,
    whole: FLAG,
    trafficDigest: TEXT,
    drained: oneOf([true]),
    vipCounts: shape<NodeVipCounts>({ announced: COUNT, all: COUNT }),
    vips: listOf(
      shape<NodeVipReport>(
        {
          address: text('ip'),
          announcement: TEXT,
          method: oneOf(ANNOUNCE_METHODS),
          state: oneOf(VIP_STATES),
          since: TIME,
        },
        { to: listOf(TEXT), why: TEXT },
      ),
    ),
    goneVips: listOf(TEXT),
    peers: listOf(
      shape<NodePeerReport>(
        { name: TEXT, state: oneOf(PEER_STATES), since: TIME },
        { bfd: oneOf(['up', 'down']), why: TEXT },
      ),
    ),
  },
);
