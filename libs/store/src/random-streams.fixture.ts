import type { StreamMessage } from '@signalbox/bus';
import {
  type BackendIntent,
  type BackendRecord,
  type Changeset,
  type ConfigRecord,
  type DeadLetter,
  type DeliveryRecord,
  type EffectiveRecord,
  type EffectiveResource,
  type FactRecord,
  type FrontendRecord,
  type NodePeerReport,
  type NodeRecord,
  type NodeVipReport,
  type PartRecord,
  type RecordBatch,
  type Resource,
  type RunOrder,
  type RunRecord,
  type NodeDrain,
  type SinkIntent,
  type SinkRecord,
  SUBJECTS,
  type TokenRecord,
  type VipHolder,
  type VipRecord,
  type WeightOverride,
} from '@signalbox/contracts';
import fc from 'fast-check';

/** One message of a stream, before it has a place there. */
export interface Draft {
  readonly subject: string;
  readonly body: object | string;
}

const GROUP = 'default';
/** Identities are few, so that records meet in one row. */
const names = fc.constantFrom('a', 'b');
const times = fc.integer({ min: 0, max: 59 }).map((s) => `2026-05-30T12:00:${String(s).padStart(2, '0')}Z`);
const versions = fc.integer({ min: 1, max: 4 });
const seqs = fc.integer({ min: 1, max: 4 });
const texts = fc.constantFrom('x', 'é', '\u{1f600}', '\0', '\ud800', '');

function drafts<T extends object>(
  record: fc.Arbitrary<T>,
  subject: (record: T) => string,
): fc.Arbitrary<Draft> {
  return record.map((body) => ({ subject: subject(body), body }));
}

/** Messages that hold up to three records each, decided together. */
function batches<T extends object>(subject: string, record: fc.Arbitrary<T>): fc.Arbitrary<Draft> {
  return drafts(fc.record({ records: fc.array(record, { minLength: 1, maxLength: 3 }) }), () => subject);
}

const facts = drafts(
  fc
    .record({
      id: names,
      subject: fc.constantFrom('', 'one', 'two'),
      k: texts,
      observedAt: times,
      expiresAt: fc.option(times, { nil: undefined }),
      sequence: fc.option(seqs, { nil: undefined }),
      own: fc.boolean(),
      change: fc.constantFrom('new' as const, 'refresh' as const),
      version: versions,
      acceptedAt: times,
      traceparent: fc.option(texts, { nil: undefined }),
    })
    .map(({ id, subject, k, observedAt, expiresAt, sequence, traceparent, ...about }): FactRecord => {
      const fact = {
        ...{
          id,
          group: GROUP,
          sourceNode: 'edge',
          type: 'host.seen',
          subject,
          dedupeKey: id,
          payload: { k },
        },
        observedAt,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(sequence !== undefined && { originSequence: sequence }),
        ...(traceparent !== undefined && { traceparent }),
      };
      return { fact, current: true, way: 'rest', ...about };
    }),
  () => `facts.${GROUP}.own.0.host.seen`,
);

const refs = fc
  .record({ name: names, kind: fc.constantFrom('Backend', 'Frontend') })
  .map((ref) => ({ apiVersion: 'balance.signalbox.dev/v1alpha1', project: 'default', ...ref }));
const resources: fc.Arbitrary<Resource> = fc
  .record({ ref: refs, note: texts })
  .map(({ ref: { apiVersion, kind, name }, note }) => ({
    apiVersion,
    kind,
    metadata: { name },
    spec: { note },
  }));
const byIdentity = { selector: ({ kind, metadata }: Resource) => `${kind}/${metadata.name}`, maxLength: 3 };

const orders: fc.Arbitrary<RunOrder> = fc
  .record({
    runId: fc.constantFrom('run-1', 'run-2'),
    attempt: fc.integer({ min: 1, max: 3 }),
    subscription: names,
    revision: seqs,
    seq: seqs,
    key: names,
  })
  .map(({ seq, key, ...order }) => ({
    ...order,
    plugin: 'p',
    group: GROUP,
    source: `EventSubscription/${order.subscription}/0`,
    facts: [{ seq, id: `f${seq}`, origin: 'edge', factKey: `key:${key}`, subject: 's' }],
    retry: { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 },
  }));
const failure = { code: 'plugin-exit' as const, message: 'exit code 1' };
const runs = batches(
  SUBJECTS.plans,
  fc
    .record({
      order: orders,
      at: times,
      what: fc.constantFrom('planned', 'started', 'ended', 'withdrawn'),
      outcome: fc.constantFrom('proposed' as const, 'failed' as const, 'lost' as const, 'skipped' as const),
    })
    .map(({ order, at, what, outcome }): RunRecord => {
      const { runId, attempt } = order;
      if (what === 'planned') return { type: 'planned', at, ...order };
      if (what === 'started') return { type: 'started', at, runId, attempt, pluginDigest: 'd' };
      if (what === 'withdrawn')
        return { type: 'withdrawn', at, owner: 'EventSubscription/a', dueAt: at, reason: 'r' };
      return { type: 'ended', at, order, outcome, ...(outcome === 'failed' && { error: failure }) };
    }),
);

const sources = fc.constantFrom('EventSubscription/a/0', 'EventSubscription/b/0');
const partRefs = fc.record({ source: sources, generation: versions });
const parts = fc
  .record({
    at: times,
    ref: partRefs,
    order: orders,
    type: fc.constantFrom(
      ...(['accepted', 'accepted', 'rejected', 'expired', 'withdrawn', 'quarantined', 'restored'] as const),
    ),
    supersedes: fc.array(partRefs, { maxLength: 2 }),
    resources: fc.uniqueArray(resources, byIdentity),
    reason: texts,
  })
  .map(({ at, ref, order, type, supersedes, resources: proposed, reason }): PartRecord => {
    const cause = { stream: 'ACTIVITY', seq: 1 };
    const { retry: _retry, ...about } = order;
    const owner = 'EventSubscription/a';
    if (type === 'accepted') {
      const part = {
        ...about,
        ...ref,
        ...{ owner, digest: 'd', observedAt: at, expiresAt: at, directives: [], actionPlans: [] },
        resources: proposed,
      };
      return { type, at, cause, part, supersedes };
    }
    if (type === 'rejected') {
      const { runId, attempt } = order;
      return { type, at, cause, runId, attempt, owner, source: ref.source, error: failure };
    }
    return { type, at, cause, owner, reason, ...ref };
  });

const effective = fc
  .record({
    generation: versions,
    at: times,
    put: fc.uniqueArray(resources, byIdentity),
    part: fc.option(partRefs, { nil: undefined }),
    removed: fc.uniqueArray(refs, { selector: ({ kind, name }) => `${kind}/${name}`, maxLength: 2 }),
    digest: names,
    complete: fc.boolean(),
  })
  .map(({ put, part, ...record }): EffectiveRecord => {
    const entries = put.map((resource): EffectiveResource =>
      part ? { resource, part } : { resource, revision: 1 },
    );
    return {
      type: 'generation',
      ...record,
      ...{ chunk: 1, cause: { stream: 'JOURNAL', seq: 1 }, revision: 1, resources: 3, quarantined: [] },
      added: entries.slice(1),
      changed: entries.slice(0, 1),
    };
  });
const config = batches<ConfigRecord>(SUBJECTS.config, fc.oneof(parts, parts, effective));

const deliveries = drafts(
  fc
    .record({
      ...{ peer: names, id: names, seq: seqs, version: versions, attempts: versions, at: times },
      expiresAt: fc.option(times, { nil: undefined }),
      type: fc.constantFrom('delivered' as const, 'attempt-failed' as const, 'dead' as const),
    })
    .map(({ type, expiresAt, ...given }): DeliveryRecord => {
      const key = {
        ...given,
        group: GROUP,
        observedAt: given.at,
        ...(expiresAt !== undefined && { expiresAt }),
      };
      return type === 'delivered' ? { ...key, type, duplicate: false } : { ...key, type, error: failure };
    }),
  ({ group, peer }) => SUBJECTS.deliveryActivity(group, peer),
);

const backends = drafts(
  fc
    .record({
      ...{ backend: names, version: versions, at: times, since: times },
      from: fc.option(fc.constantFrom('up' as const, 'down' as const), { nil: undefined }),
      to: fc.constantFrom('up' as const, 'down' as const, 'removed' as const),
      detail: texts,
      reason: fc.option(texts, { nil: undefined }),
    })
    .map(({ from, detail, reason, ...record }): BackendRecord => ({
      ...record,
      address: '10.0.0.1',
      result: { ok: true, code: 'L4OK', detail },
      ...(from !== undefined && { from }),
      ...(reason !== undefined && { by: { author: 'me', reason } }),
    })),
  ({ backend }) => SUBJECTS.backendActivity(backend),
);

const intents = drafts(
  fc.record({
    ...{ backend: names, at: times, author: names, configEnabled: fc.boolean() },
    intent: fc.constantFrom('run' as const, 'pause' as const, 'disable' as const),
  }) satisfies fc.Arbitrary<BackendIntent>,
  ({ backend }) => SUBJECTS.backendJournal(backend),
);

const members = fc.record({ pool: names, backend: names });
const byMember = { selector: (one: { pool: string; backend: string }) => `${one.pool}/${one.backend}` };
const frontends = drafts(
  fc
    .record({
      ...{ frontend: names, version: versions, at: times, activePool: names },
      to: fc.constantFrom('up' as const, 'down' as const, 'removed' as const),
      members: fc.uniqueArray(members, { ...byMember, maxLength: 3 }),
      gone: fc.uniqueArray(members, { ...byMember, maxLength: 1 }),
      weight: versions,
    })
    .map(({ members: targets, weight, ...record }): FrontendRecord => ({
      ...record,
      targets: targets.map((target) => ({
        ...target,
        ...{ weight, effective: weight, flush: false, why: { rule: 'active', text: 'active' } },
      })),
    })),
  ({ frontend }) => SUBJECTS.frontendActivity(frontend),
);

const overrides = drafts(
  fc
    .record({
      frontend: names,
      pool: names,
      backend: names,
      at: times,
      author: names,
      weight: versions,
      set: fc.boolean(),
    })
    .map(({ set, weight, ...key }): WeightOverride =>
      set ? { ...key, type: 'set', weight } : { ...key, type: 'cleared' },
    ),
  ({ frontend }) => SUBJECTS.frontendJournal(frontend),
);

const served = fc.record({
  name: names,
  state: fc.constantFrom('applied' as const, 'refused' as const),
  generation: versions,
  listensAt: fc.option(fc.constant({ address: '127.0.0.1', port: 80 }), { nil: undefined }),
  digest: names,
  tableDigest: fc.option(names, { nil: undefined }),
  error: fc.option(
    texts.map((message) => ({ code: 'listen-failed' as const, message })),
    { nil: undefined },
  ),
  warning: fc.option(texts, { nil: undefined }),
  certificates: fc.option(
    fc.array(
      fc.record({
        name: names,
        sha256: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
        names: fc.array(texts, { maxLength: 2 }),
        ...{ notBefore: times, notAfter: times },
      }),
      { maxLength: 2 },
    ),
    { nil: undefined },
  ),
});
const addresses = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1');
const announced: fc.Arbitrary<NodeVipReport> = fc.record(
  {
    ...{ address: addresses, announcement: names, since: times },
    method: fc.constantFrom('bird' as const, 'vrrp' as const),
    state: fc.constantFrom('announced' as const, 'standby' as const, 'withdrawn' as const),
    to: fc.array(names, { maxLength: 2 }),
    why: texts,
  },
  { requiredKeys: ['address', 'announcement', 'since', 'method', 'state'] },
);
const routers: fc.Arbitrary<NodePeerReport> = fc.record({
  ...{ name: names, since: times, why: texts },
  state: fc.constantFrom('up' as const, 'down' as const),
});
const nodes = drafts(
  fc
    .record({
      ...{ node: names, version: versions, at: times },
      state: fc.constantFrom('waiting' as const, 'ready' as const, 'unavailable' as const),
      listeners: fc.uniqueArray(served, { selector: ({ name }) => name, maxLength: 2 }),
      gone: fc.uniqueArray(names, { maxLength: 1 }),
      generation: fc.option(versions, { nil: undefined }),
      announcing: fc.record(
        {
          vips: fc.uniqueArray(announced, { selector: ({ address }) => address, maxLength: 2 }),
          goneVips: fc.uniqueArray(addresses, { maxLength: 1 }),
          vipCounts: fc.constant({ announced: 1, all: 2 }),
          peers: fc.array(routers, { maxLength: 2 }),
          drained: fc.constant(true as const),
          trafficDigest: names,
          whole: fc.constant(true as const),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ generation, listeners, announcing, ...record }): NodeRecord => ({
      ...record,
      ...announcing,
      driver: 'sim',
      ...(generation !== undefined && { epoch: 'e', appliedGeneration: generation }),
      ...(record.state === 'unavailable' && { error: failure }),
      capabilities: {
        ...{ protocols: ['tcp'], algorithms: ['round-robin'], affinity: [], maxTargets: 1 },
        ...{ flush: true, targetPorts: true, mixedFamilies: true, connectionLimit: true },
      },
      listeners: listeners.map((one) => JSON.parse(JSON.stringify(one)) as NodeRecord['listeners'][number]),
    })),
  ({ node }) => SUBJECTS.nodeActivity(node),
);

const holders = fc.record({
  kind: fc.constantFrom('VipClaim' as const, 'LoadBalancer' as const),
  name: names,
});
const vips = drafts(
  fc
    .array(
      fc.record({
        ...{ at: times, holder: holders, project: names, pool: names },
        type: fc.constantFrom('leased', 'waiting', 'held', 'quarantined', 'free', 'gone', 'freed'),
        address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
        sharing: fc.option(names, { nil: undefined }),
        reason: texts,
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((records): RecordBatch<VipRecord> => ({ records: records.map(vipRecord) })),
  () => SUBJECTS.vips,
);

function vipRecord(drawn: {
  readonly type: string;
  readonly at: string;
  readonly holder: VipHolder;
  readonly project: string;
  readonly pool: string;
  readonly address: string;
  readonly sharing: string | undefined;
  readonly reason: string;
}): VipRecord {
  const { type, at, holder, project, pool, address, sharing, reason } = drawn;
  const shared = sharing === undefined ? {} : { sharing };
  switch (type) {
    case 'leased':
      return { type, at, holder, project, address, pool, ...shared };
    case 'waiting':
      return { type, at, holder, project, code: 'vip-exhausted', reason };
    case 'freed':
      return { type, at, address };
    case 'gone':
      return { type: 'released', at, holder, project };
    case 'quarantined':
      return { type: 'released', at, holder, project, address, pool, rest: type, until: at };
    default:
      return {
        type: 'released',
        at,
        holder,
        project,
        address,
        pool,
        rest: type === 'held' ? 'held' : 'free',
      };
  }
}

const sinkContents = fc.record({
  ...{ generation: versions, bytes: versions, resources: versions, at: times },
  digest: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
  place: names,
});
const sinkFailures = fc.record({
  step: fc.constantFrom('check' as const, 'reload' as const),
  error: fc.constant(failure),
  output: texts,
  attempts: versions,
});
const sinks = drafts(
  fc
    .record({
      ...{ sink: names, version: versions, at: times, revision: versions, generation: versions },
      state: fc.constantFrom('applied' as const, 'degraded' as const, 'waiting' as const, 'removed' as const),
      content: fc.option(sinkContents, { nil: undefined }),
      failed: fc.option(sinkFailures, { nil: undefined }),
      reason: fc.option(texts, { nil: undefined }),
    })
    .map(({ content, failed, reason, ...record }): SinkRecord => ({
      ...record,
      ...(content && { content }),
      ...(failed && { failure: failed }),
      ...(reason !== undefined && { reason }),
    })),
  ({ sink }) => SUBJECTS.sinkActivity(sink),
);

const nodeDrains = drafts(
  fc.record({
    ...{ node: names, drained: fc.boolean(), at: times, author: names, reason: texts },
  }) satisfies fc.Arbitrary<NodeDrain>,
  ({ node }) => SUBJECTS.nodeJournal(node),
);

const sinkIntents = drafts(
  fc.record({
    ...{ sink: names, at: times, author: names, reason: texts },
    paused: fc.boolean(),
  }) satisfies fc.Arbitrary<SinkIntent>,
  ({ sink }) => SUBJECTS.sinkJournal(sink),
);

const changesets = drafts(
  fc.record({
    ...{ author: names, message: texts, at: times },
    changes: fc.array(
      fc.oneof(
        fc.record({ op: fc.constant('put' as const), resource: resources, set: names }),
        fc.record({ op: fc.constant('delete' as const), ref: refs }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }) satisfies fc.Arbitrary<Changeset>,
  () => SUBJECTS.resources,
);

const tokens = drafts(
  fc
    .record({ id: names, hash: names, at: times, revoked: fc.boolean() })
    .map(({ id, hash, at, revoked }): TokenRecord =>
      revoked ? { type: 'revoked', id, at } : { type: 'created', id, name: hash, hash, role: 'admin', at },
    ),
  () => SUBJECTS.token,
);

const deadLetters = drafts(
  fc.record({
    ...{ service: names, at: times, subject: texts, data: texts },
    error: fc.constantFrom(failure, { ...failure, code: 'poison-message' as const }),
    encoding: fc.constant('utf8' as const),
    truncated: fc.boolean(),
    about: fc.dictionary(names, texts),
  }) satisfies fc.Arbitrary<DeadLetter>,
  ({ service }) => `dead.${service}.plugin-exit`,
);

/** Messages that each projection of a site may read, by its name. */
export const STREAM_MESSAGES: Readonly<Record<string, fc.Arbitrary<Draft>>> = {
  resources: changesets,
  tokens,
  [`facts.${GROUP}`]: facts,
  runs: fc.oneof(runs, runs, config, deliveries),
  parts: config,
  deliveries,
  backends,
  'backend-intents': intents,
  frontends,
  'weight-overrides': overrides,
  nodes,
  vips,
  sinks,
  'node-drains': nodeDrains,
  'sink-intents': sinkIntents,
  audit: fc.oneof(changesets, tokens, intents, overrides, nodeDrains, sinkIntents),
  dead_letters: deadLetters,
};

/** A history of a stream: at rising sequences, with records that nobody can read in between. */
export function histories(stream: string, drafted: fc.Arbitrary<Draft>): fc.Arbitrary<StreamMessage[]> {
  const poison = drafted.map(({ subject }) => ({ subject, body: '{"no": "record"}' }));
  const entries = fc.tuple(
    fc.oneof({ weight: 12, arbitrary: drafted }, { weight: 1, arbitrary: poison }),
    fc.integer({ min: 1, max: 3 }),
  );
  return fc.array(entries, { minLength: 2, maxLength: 12 }).map((list) => {
    let seq = 0;
    return list.map(([{ subject, body }, step]) => {
      seq += step;
      const data = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      return { stream, seq, subject, data, time: 0 };
    });
  });
}
