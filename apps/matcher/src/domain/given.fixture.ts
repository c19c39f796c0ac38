import {
  type EndedRecord,
  type Fact,
  type FactRecord,
  orderOfPlanned,
  type PartRecord,
  type RunFact,
  type RunOrder,
  type RunRecord,
} from '@signalbox/contracts';
import type { Rule } from './rule.js';
import type { MatchedFact } from './run-order.js';

/** Builders for the tests of this folder: a valid value, changed where the test cares. */

export const NOON = Date.parse('2026-05-30T12:00:00Z');

export function aFact(change: Partial<Fact> = {}): Fact {
  const id = change.id ?? 'f1';
  return {
    id,
    group: 'edge',
    sourceNode: 'onprem',
    type: 'client.observed',
    subject: '10.0.0.5/32',
    dedupeKey: id,
    payload: {},
    observedAt: '2026-05-30T11:59:00Z',
    ...change,
  };
}

export function aFactRecord(fact: Fact, change: Partial<FactRecord> = {}): FactRecord {
  return {
    fact,
    own: true,
    change: 'new',
    version: 1,
    current: true,
    way: 'rest',
    acceptedAt: fact.observedAt,
    ...change,
  };
}

export function aRule(change: Partial<Rule> = {}): Rule {
  return {
    subscription: 'claims',
    group: 'edge',
    plugin: 'to-claim',
    revision: 3,
    pluginExists: true,
    match: { types: ['client.observed'] },
    onChange: 'reevaluate',
    concurrency: 4,
    retry: { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 },
    ...change,
  };
}

/** The fact at a position; one lineage per `about`. */
export function aMatch(seq: number, about = 'x', expiresAt?: string): MatchedFact {
  const fact: RunFact = {
    seq,
    id: `f${seq}`,
    origin: 'onprem',
    factKey: `about:client.observed ${about}`,
    subject: about,
  };
  return { fact, version: 1, ...(expiresAt !== undefined && { expiresAt }) };
}

/** The orders inside `planned` records. */
export function ordersOf(records: readonly RunRecord[]): RunOrder[] {
  return records.flatMap((record) => {
    return record.type === 'planned' && record.trigger === undefined ? [orderOfPlanned(record)] : [];
  });
}

export function started(order: RunOrder, atMs = NOON): RunRecord {
  const { runId, attempt } = order;
  return { type: 'started', at: new Date(atMs).toISOString(), runId, attempt, pluginDigest: 'd1' };
}

export function ended(
  order: RunOrder,
  outcome: EndedRecord['outcome'],
  change: Partial<EndedRecord> = {},
): EndedRecord {
  const error = { code: 'plugin-exit', message: 'exit code 1' } as const;
  return {
    type: 'ended',
    at: new Date(NOON).toISOString(),
    order,
    outcome,
    ...(outcome === 'failed' && { error }),
    ...change,
  };
}

export function accepted(order: RunOrder): PartRecord {
  const at = new Date(NOON).toISOString();
  return {
    type: 'accepted',
    at,
    cause: { stream: 'ACTIVITY', seq: 1 },
    supersedes: [],
    part: {
      ...order,
      owner: `EventSubscription/${order.subscription}`,
      generation: 1,
      digest: 'd',
      observedAt: at,
      expiresAt: at,
      resources: [],
      directives: [],
      actionPlans: [],
    },
  };
}

export function rejected(order: RunOrder): PartRecord {
  return {
    type: 'rejected',
    at: new Date(NOON).toISOString(),
    cause: { stream: 'ACTIVITY', seq: 1 },
    runId: order.runId,
    attempt: order.attempt,
    owner: `EventSubscription/${order.subscription}`,
    source: order.source,
    error: { code: 'part-conflict', message: 'another owner holds it' },
  };
}
