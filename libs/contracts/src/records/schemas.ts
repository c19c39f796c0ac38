import { CHANGE_ORIGIN } from '../access/origin-schema.js';
import { type ErrorBody, ERRORS, type FieldError } from '../errors.js';
import type { Fact } from '../fact.js';
import type { MaskTarget } from '../kinds/config/mask-target.js';
import type { ActionPlan, Directive, FactOutcome } from '../plugin-protocol.js';
import type { Resource, ResourceMetadata, ResourceRef } from '../resource.js';
import {
  ANY_OBJECT,
  COUNT,
  FLAG,
  listOf,
  oneOf,
  type Schema,
  shape,
  taggedBy,
  TEXT,
  TEXT_MAP,
  text,
  wholeNumber,
} from '../schema/shape.js';
import { type AuditSeal, SEAL_LIMITS, type SealedRecord } from './audit-seal.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeliveryRecord } from './delivery-record.js';
import type {
  EffectiveRecord,
  EffectiveResource,
  QuarantinedPart,
  SuppressedResource,
} from './effective-record.js';
import type { FactRecord, IntakeRecord } from './fact-record.js';
import type { AccessScope } from '../access/principal.js';
import { ROLES } from '../access/roles.js';
import type { Changeset, ResourceChange, TokenRecord } from './journal-record.js';
import type { MatchRecord } from './match-record.js';
import { REFUSED_LIMITS, type RefusedLine, type RefusedRecord } from './refused-record.js';
import type { RetentionRecord } from './retention-record.js';
import type { CompactionRecord, SnapshotPiece, SnapshotRecord, SnapshotRows } from './snapshot-record.js';
import type { Cause, Part, PartRecord, PartRef } from './part-record.js';
import type { ConfigRecord, RecordBatch } from './record-batch.js';
import {
  type ConfigAtPlan,
  type Execution,
  type Halving,
  type PluginOrder,
  type ProposedPart,
  type RemadePart,
  type RetryPolicy,
  RUN_TRIGGERS,
  type RunFact,
  type RunOrder,
  type RunRecord,
  type RunTrigger,
} from './run-record.js';
import type { Watermark } from './watermark.js';

/** Strict schemas of the records. They say what shape a record has; grammar was checked before it was written. */

const TIME = text('timestamp');
/** Sequences start at 1. */
const SEQUENCE = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const WAY = oneOf(['pub', 'request', 'rest', 'peer']);

const RESOURCE_REF = shape<ResourceRef>({ apiVersion: TEXT, kind: TEXT, project: TEXT, name: TEXT });

type OwnerRef = NonNullable<ResourceMetadata['ownerRefs']>[number];
const RESOURCE = shape<Resource>({
  apiVersion: TEXT,
  kind: TEXT,
  metadata: shape<ResourceMetadata>(
    { name: TEXT },
    {
      project: TEXT,
      annotations: TEXT_MAP,
      labels: TEXT_MAP,
      renamedFrom: TEXT,
      ownerRefs: listOf(shape<OwnerRef>({ kind: TEXT, name: TEXT }, { apiVersion: TEXT })),
    },
  ),
  spec: ANY_OBJECT,
});

export const ERROR_BODY = shape<ErrorBody>(
  { code: oneOf(Object.keys(ERRORS)), message: TEXT },
  { errors: listOf(shape<FieldError>({ pointer: TEXT, message: TEXT })) },
);

const FACT = shape<Fact>(
  {
    id: TEXT,
    group: TEXT,
    sourceNode: TEXT,
    type: TEXT,
    subject: TEXT,
    dedupeKey: TEXT,
    payload: TEXT_MAP,
    observedAt: TIME,
  },
  { expiresAt: TIME, traceparent: TEXT, correlationId: TEXT, causationId: TEXT, originSequence: SEQUENCE },
);

export const FACT_RECORD: Schema = shape<FactRecord>({
  fact: FACT,
  own: FLAG,
  change: oneOf(['new', 'refresh']),
  version: COUNT,
  current: FLAG,
  way: WAY,
  acceptedAt: TIME,
});

export const INTAKE_RECORD: Schema = shape<IntakeRecord>({
  type: oneOf(['conflict', 'replay', 'refused']),
  code: TEXT,
  message: TEXT,
  id: TEXT,
  sourceNode: TEXT,
  way: WAY,
  at: TIME,
});

/** Changes of resources, as a changeset has them. */
export const RESOURCE_CHANGES: Schema = listOf(
  taggedBy('op', [
    shape<Extract<ResourceChange, { op: 'put' }>>({ op: oneOf(['put']), resource: RESOURCE }, { set: TEXT }),
    shape<Extract<ResourceChange, { op: 'delete' }>>({ op: oneOf(['delete']), ref: RESOURCE_REF }),
  ]),
);

export const CHANGESET: Schema = shape<Changeset>(
  {
    author: TEXT,
    message: TEXT,
    at: TIME,
    changes: RESOURCE_CHANGES,
  },
  { from: CHANGE_ORIGIN },
);

export const TOKEN_RECORD: Schema = taggedBy('type', [
  shape<Extract<TokenRecord, { type: 'created' }>>(
    { type: oneOf(['created']), id: TEXT, name: TEXT, hash: TEXT, role: oneOf(ROLES), at: TIME },
    {
      scope: shape<AccessScope>({ orgs: listOf(TEXT), projects: listOf(TEXT) }),
      emits: listOf(TEXT),
      expiresAt: TIME,
      author: TEXT,
      from: CHANGE_ORIGIN,
    },
  ),
  shape<Extract<TokenRecord, { type: 'revoked' }>>(
    { type: oneOf(['revoked']), id: TEXT, at: TIME },
    { author: TEXT, from: CHANGE_ORIGIN },
  ),
]);

const RUN_FACT = shape<RunFact>(
  { seq: COUNT, id: TEXT, origin: TEXT, factKey: TEXT, subject: TEXT },
  { observedAt: TIME, originSequence: COUNT, traceparent: TEXT },
);

const RUN_ORDER_MEMBERS = {
  runId: TEXT,
  attempt: COUNT,
  plugin: TEXT,
  revision: COUNT,
  source: TEXT,
  facts: listOf(RUN_FACT),
  retry: shape<RetryPolicy>({
    maxAttempts: COUNT,
    backoffMs: { type: 'number', minimum: 0 },
    maxBackoffMs: { type: 'number', minimum: 0 },
  }),
};

/** Of a run that facts start, or of one that they do not: never both. */
const STARTED_BY = {
  oneOf: [
    {
      type: 'object',
      required: ['subscription', 'group'],
      properties: { subscription: TEXT, group: TEXT, trigger: false },
    },
    {
      type: 'object',
      required: ['trigger'],
      properties: { trigger: ANY_OBJECT, subscription: false, group: false },
    },
  ],
};

const RUN_ORDER_OPTIONS = {
  subscription: TEXT,
  group: TEXT,
  trigger: shape<RunTrigger>(
    { type: oneOf(RUN_TRIGGERS) },
    { configSource: TEXT, author: TEXT, topic: TEXT, seq: SEQUENCE },
  ),
  halving: shape<Halving>({ of: TEXT, after: TEXT, rest: listOf(listOf(RUN_FACT)) }),
  remakes: shape<RemadePart>({ source: TEXT, generation: COUNT, reason: TEXT }),
};

/** The members of both kinds of orders; which of them stand together is said by {@link STARTED_BY}. */
type AsSchema<Order> = Omit<Order, 'subscription' | 'group' | 'trigger'> &
  Partial<Pick<RunOrder, 'subscription' | 'group'>> &
  Partial<Pick<PluginOrder, 'trigger'>>;

const RUN_ORDER: Schema = {
  ...shape<AsSchema<PluginOrder>>(RUN_ORDER_MEMBERS, RUN_ORDER_OPTIONS),
  ...STARTED_BY,
};

const DIRECTIVE = shape<Directive>(
  {
    op: oneOf(['mask']),
    target: shape<MaskTarget>({ apiVersion: TEXT, kind: TEXT, name: TEXT }, { project: TEXT }),
  },
  { reason: TEXT },
);

const ACTION_PLAN = shape<ActionPlan>(
  { name: TEXT, provider: oneOf(['aws', 'azure', 'oci', 'gcp']), action: TEXT, target: TEXT_MAP },
  {
    providerRef: TEXT,
    mode: oneOf(['', 'dry-run']),
    description: TEXT,
    riskLevel: oneOf(['low', 'medium', 'high']),
    idempotencyKey: TEXT,
    parameters: TEXT_MAP,
    preconditions: listOf(ANY_OBJECT),
    expectedEffects: listOf(TEXT),
    undo: shape<NonNullable<ActionPlan['undo']>>({ action: TEXT }, { parameters: TEXT_MAP }),
  },
);

const PROPOSED_PART_MEMBERS = {
  observedAt: TIME,
  expiresAt: TIME,
  resources: listOf(RESOURCE),
  directives: listOf(DIRECTIVE),
  actionPlans: listOf(ACTION_PLAN),
};

const EXECUTION = shape<Execution>(
  { startedAt: TIME, durationMs: { type: 'number' } },
  { pluginDigest: TEXT, exitCode: { type: 'integer' }, signal: TEXT, stdoutDigest: TEXT, stderr: TEXT },
);

const FACT_OUTCOME = shape<FactOutcome>(
  { eventId: TEXT, outcome: oneOf(['applied', 'ignored', 'failed']) },
  { reason: TEXT },
);

const RUN_RECORD: Schema = taggedBy('type', [
  {
    ...shape<AsSchema<Extract<RunRecord, { type: 'planned'; trigger: RunTrigger }>>>(
      { type: oneOf(['planned']), at: TIME, ...RUN_ORDER_MEMBERS },
      {
        ...RUN_ORDER_OPTIONS,
        contents: listOf(FACT),
        config: shape<ConfigAtPlan>({ generation: COUNT, replaces: COUNT }),
      },
    ),
    ...STARTED_BY,
  },
  shape<Extract<RunRecord, { type: 'started' }>>(
    { type: oneOf(['started']), at: TIME, runId: TEXT, attempt: COUNT },
    { pluginDigest: TEXT },
  ),
  shape<Extract<RunRecord, { type: 'ended' }>>(
    {
      type: oneOf(['ended']),
      at: TIME,
      order: RUN_ORDER,
      outcome: oneOf(['proposed', 'failed', 'lost', 'skipped']),
    },
    {
      execution: EXECUTION,
      outcomes: listOf(FACT_OUTCOME),
      part: shape<ProposedPart>(PROPOSED_PART_MEMBERS),
      error: ERROR_BODY,
    },
  ),
  shape<Extract<RunRecord, { type: 'discovered' }>>(
    {
      type: oneOf(['discovered']),
      at: TIME,
      runId: TEXT,
      owner: TEXT,
      observedAt: TIME,
      resources: listOf(RESOURCE),
      facts: listOf(RUN_FACT),
      factOf: listOf({ type: 'integer', minimum: -1 }),
    },
    { group: TEXT },
  ),
  shape<Extract<RunRecord, { type: 'withdrawn' }>>(
    { type: oneOf(['withdrawn']), at: TIME, owner: TEXT, dueAt: TIME, reason: TEXT },
    { lineages: listOf(TEXT) },
  ),
  shape<Extract<RunRecord, { type: 'withdraw-cancelled' }>>(
    { type: oneOf(['withdraw-cancelled']), at: TIME, owner: TEXT, reason: TEXT },
    { lineages: listOf(TEXT) },
  ),
]);

export const RUN_BATCH: Schema = shape<RecordBatch<RunRecord>>({ records: listOf(RUN_RECORD) });

const CAUSE = shape<Cause>({ stream: TEXT, seq: COUNT }, { index: COUNT });
const PART_REF_MEMBERS = { source: TEXT, generation: COUNT };
const PART_REF = shape<PartRef>(PART_REF_MEMBERS);

const { expiresAt: EXPIRES_AT, ...PART_CONTENT } = PROPOSED_PART_MEMBERS;

const PART = shape<Part>(
  {
    ...PART_CONTENT,
    ...PART_REF_MEMBERS,
    owner: TEXT,
    runId: TEXT,
    attempt: COUNT,
    facts: listOf(RUN_FACT),
    digest: TEXT,
  },
  { expiresAt: EXPIRES_AT, group: TEXT, subscription: TEXT, plugin: TEXT, revision: COUNT },
);

const EFFECTIVE_RESOURCE = shape<EffectiveResource>(
  { resource: RESOURCE },
  { part: PART_REF, revision: COUNT },
);

const SUPPRESSED = shape<SuppressedResource>(
  { target: RESOURCE_REF, maskedBy: listOf(TEXT) },
  { until: TIME, reason: TEXT },
);

const CONFIG_RECORD: Schema = taggedBy('type', [
  shape<Extract<PartRecord, { type: 'accepted' }>>({
    type: oneOf(['accepted']),
    at: TIME,
    cause: CAUSE,
    part: PART,
    supersedes: listOf(PART_REF),
  }),
  shape<Extract<PartRecord, { type: 'rejected' }>>({
    type: oneOf(['rejected']),
    at: TIME,
    cause: CAUSE,
    runId: TEXT,
    attempt: COUNT,
    owner: TEXT,
    source: TEXT,
    error: ERROR_BODY,
  }),
  shape<Exclude<PartRecord, { type: 'accepted' | 'rejected' }>>({
    type: oneOf(['expired', 'withdrawn', 'quarantined', 'restored']),
    ...PART_REF_MEMBERS,
    at: TIME,
    cause: CAUSE,
    owner: TEXT,
    reason: TEXT,
  }),
  shape<EffectiveRecord>(
    {
      type: oneOf(['generation']),
      generation: COUNT,
      chunk: COUNT,
      complete: FLAG,
      at: TIME,
      cause: CAUSE,
      revision: COUNT,
      digest: TEXT,
      resources: COUNT,
      added: listOf(EFFECTIVE_RESOURCE),
      changed: listOf(EFFECTIVE_RESOURCE),
      removed: listOf(RESOURCE_REF),
      quarantined: listOf(shape<QuarantinedPart>({ ...PART_REF_MEMBERS, reason: TEXT })),
    },
    { suppressed: listOf(SUPPRESSED) },
  ),
]);

export const CONFIG_BATCH: Schema = shape<RecordBatch<ConfigRecord>>({ records: listOf(CONFIG_RECORD) });

export const MATCH_RECORD: Schema = shape<MatchRecord>({
  revision: COUNT,
  fromSeq: COUNT,
  reevaluated: listOf(TEXT),
  at: TIME,
});

export const RETENTION_RECORD: Schema = shape<RetentionRecord>({
  group: TEXT,
  upTo: SEQUENCE,
  facts: COUNT,
  bound: oneOf(['maxAge', 'maxEvents']),
  at: TIME,
});

export const SNAPSHOT_RECORD: Schema = shape<SnapshotRecord>(
  {
    projection: TEXT,
    position: COUNT,
    chunk: COUNT,
    firstSeq: COUNT,
    complete: FLAG,
    at: TIME,
    tables: listOf(shape<SnapshotRows>({ table: TEXT, rows: listOf(ANY_OBJECT) })),
  },
  { piece: shape<SnapshotPiece>({ table: TEXT, json: TEXT, last: FLAG }) },
);

export const COMPACTION_RECORD: Schema = shape<CompactionRecord>({ upTo: SEQUENCE, at: TIME });

const DELIVERY_MEMBERS = {
  group: TEXT,
  peer: TEXT,
  seq: COUNT,
  id: TEXT,
  version: COUNT,
  observedAt: TIME,
  attempts: COUNT,
  at: TIME,
};

export const DELIVERY_RECORD: Schema = taggedBy('type', [
  shape<Extract<DeliveryRecord, { type: 'delivered' }>>(
    { type: oneOf(['delivered']), ...DELIVERY_MEMBERS, duplicate: FLAG },
    { expiresAt: TIME },
  ),
  shape<Exclude<DeliveryRecord, { type: 'delivered' }>>(
    { type: oneOf(['attempt-failed', 'dead']), ...DELIVERY_MEMBERS, error: ERROR_BODY },
    { expiresAt: TIME },
  ),
]);

const SHA256_HEX: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };

export const AUDIT_SEAL: Schema = shape<AuditSeal>({
  number: COUNT,
  at: TIME,
  from: COUNT,
  to: COUNT,
  records: listOf(shape<SealedRecord>({ seq: COUNT, digest: SHA256_HEX }), { maxItems: SEAL_LIMITS.records }),
  previous: SHA256_HEX,
  key: TEXT,
  head: SHA256_HEX,
});

export const REFUSED_RECORD: Schema = shape<RefusedRecord>({
  id: TEXT,
  since: TIME,
  at: TIME,
  lines: listOf(
    shape<RefusedLine>({ address: TEXT, reason: TEXT, route: TEXT, count: COUNT }, { subject: TEXT }),
    {
      maxItems: REFUSED_LIMITS.lines,
    },
  ),
  beyond: COUNT,
});

export const DEAD_LETTER: Schema = shape<DeadLetter>(
  {
    service: TEXT,
    error: ERROR_BODY,
    at: TIME,
    subject: TEXT,
    encoding: oneOf(['utf8', 'base64']),
    data: TEXT,
    truncated: FLAG,
  },
  { stream: TEXT, seq: COUNT, deliveries: COUNT, about: TEXT_MAP },
);

export const WATERMARK: Schema = shape<Watermark>(
  { service: TEXT, stream: TEXT, seq: COUNT },
  {
    appended: shape<NonNullable<Watermark['appended']>>(
      { stream: TEXT, seq: COUNT },
      { traffic: COUNT, vips: COUNT },
    ),
  },
);
