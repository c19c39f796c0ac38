import type {
  DeliveryItem,
  DiffAnswer,
  EventItem,
  ExplainAnswer,
  PartItem,
  RunItem,
} from '../rest/answers.js';

/** Bodies as docs/reference/rest-api.md describes them: one fact and everything that followed from it. */
const SOURCE = 'EventSubscription/address-claims/0123456789abcdef';
const CLAIM_API = 'hybrid.routerd.net/v1alpha1';
const RUN_ID = 'run-5f0c1e7a9b3d2c4855aa01fe';

export const EVENT: EventItem = {
  id: 'evt-1',
  group: 'cloudedge',
  sourceNode: 'onprem-router',
  type: 'routerd.client.ipv4.observed',
  subject: '10.88.60.9/32',
  dedupeKey: 'evt-1',
  payload: { address: '10.88.60.9/32', ownerSide: 'onprem' },
  observedAt: '2026-05-30T12:00:00Z',
  expiresAt: '2026-05-30T12:30:00Z',
  seq: 4,
  version: 1,
  own: true,
  way: 'rest',
  acceptedAt: '2026-05-30T12:00:00.120Z',
  expired: false,
};

export const DELIVERY: DeliveryItem = {
  eventId: 'evt-1',
  group: 'cloudedge',
  peer: 'aws-edge',
  node: 'aws-router',
  status: 'pending',
  attempts: 2,
  lastAttempt: '2026-05-30T12:00:01Z',
  lastError: 'peer-unreachable: connect ECONNREFUSED 10.0.0.2:9443',
  deliveredAt: null,
  version: 1,
  expiresAt: '2026-05-30T12:30:00Z',
};

export const RUN: RunItem = {
  runId: RUN_ID,
  subscription: 'address-claims',
  plugin: 'event-to-remote-claim',
  group: 'cloudedge',
  revision: 7,
  source: SOURCE,
  state: 'succeeded',
  attempt: 1,
  maxAttempts: 3,
  facts: [
    {
      seq: 4,
      id: 'evt-1',
      origin: 'onprem-router',
      factKey: 'about:a 10.88.60.9/32',
      subject: '10.88.60.9/32',
    },
  ],
  plannedAt: '2026-05-30T12:00:00.130Z',
  startedAt: '2026-05-30T12:00:00.140Z',
  endedAt: '2026-05-30T12:00:00.181Z',
  executions: [
    {
      attempt: 1,
      startedAt: '2026-05-30T12:00:00.140Z',
      endedAt: '2026-05-30T12:00:00.181Z',
      durationMs: 41.2,
      exitCode: 0,
      outcome: 'proposed',
    },
  ],
};

export const FAILED_RUN: RunItem = {
  ...RUN,
  runId: 'run-00000000000000000000000f',
  state: 'retrying',
  attempt: 2,
  facts: [...RUN.facts, { ...RUN.facts[0]!, id: 'evt-2', seq: 5 }],
  retryAt: '2026-05-30T12:00:05Z',
  errorCode: 'plugin-exit',
  error: 'the plugin ended with exit code 2 after it had written 1,024 bytes to stderr',
  executions: [
    {
      attempt: 1,
      startedAt: '2026-05-30T12:00:00.140Z',
      endedAt: '2026-05-30T12:00:00.181Z',
      durationMs: 41.2,
      exitCode: 2,
      stderr: 'cannot\tread inventory\nTraceback\u001B[31m\n',
      outcome: 'failed',
      error: { code: 'plugin-exit', message: 'exit code 2' },
    },
  ],
};

export const PART: PartItem = {
  source: SOURCE,
  owner: 'EventSubscription/address-claims',
  generation: 3,
  state: 'active',
  reason: null,
  resources: 1,
  directives: 1,
  actionPlans: 1,
  observedAt: '2026-05-30T12:00:00Z',
  expiresAt: '2026-05-30T12:30:00Z',
  digest: 'd1e57',
  runId: RUN_ID,
  subscription: 'address-claims',
  plugin: 'event-to-remote-claim',
  createdAt: '2026-05-30T12:00:00.190Z',
  updatedAt: '2026-05-30T12:00:00.190Z',
};

export const FULL_PART: PartItem = {
  ...PART,
  body: {
    resources: [
      {
        apiVersion: CLAIM_API,
        kind: 'RemoteAddressClaim',
        metadata: { name: 'onprem-10-88-60-9' },
        spec: { address: '10.88.60.9/32', ownerSide: 'onprem' },
      },
    ],
    directives: [
      {
        op: 'mask',
        target: { apiVersion: 'net.routerd.net/v1alpha1', kind: 'StaticRoute', name: 'old' },
        reason: 'moved',
      },
    ],
    actionPlans: [
      {
        name: 'assign',
        provider: 'aws',
        action: 'assign-secondary-ip',
        target: { address: '10.88.60.9/32', nicRef: 'eni-1' },
        mode: 'dry-run',
        riskLevel: 'medium',
        expectedEffects: ['the address moves', 'traffic follows'],
      },
    ],
  },
};

export const DERIVED = {
  apiVersion: CLAIM_API,
  kind: 'RemoteAddressClaim',
  project: 'default',
  name: 'onprem-10-88-60-9',
  source: SOURCE,
  generation: 3,
};

export const DIFF: DiffAnswer = {
  generation: 3,
  suppressed: [],
  addedResources: [DERIVED],
  activeParts: [{ source: SOURCE, generation: 3, expiresAt: '2026-05-30T12:30:00Z' }],
  expiredParts: [],
  quarantined: [],
};

export const HELD_BACK = {
  source: 'EventSubscription/other/ffff',
  generation: 2,
  reason: 'startup-conflict: RemoteAddressClaim/a is declared by people',
};

export const ROUTER = {
  apiVersion: 'routerd.net/v1alpha1',
  kind: 'Router',
  metadata: {
    name: 'effective',
    annotations: {
      'signalbox.dev/generation': '3',
      'signalbox.dev/digest': 'd1e57',
      'signalbox.dev/quarantined': '0',
    },
  },
  spec: { resources: FULL_PART.body!.resources },
};

export const EXPLAIN: ExplainAnswer = {
  event: EVENT,
  revision: 7,
  decisions: [
    { subscription: 'address-claims', matched: true },
    {
      subscription: 'door-alarms',
      matched: false,
      clause: 'types',
      message: 'wants door.opened, found routerd.client.ipv4.observed',
    },
  ],
  runs: [RUN],
  parts: [PART],
  resources: [DERIVED],
  verdict: 'address-claims: 1 resource is effective at generation 3.',
};
