import {
  type EndedRecord,
  type ErrorCode,
  formatTime,
  type PartRecord,
  type RunOrder,
  type RunRecord,
} from '@signalbox/contracts';

/** Records of one run for tests: a valid value, changed where the test cares. */

export const NOON = Date.parse('2026-05-30T12:00:00Z');

export const FIRST: RunOrder = {
  runId: 'run-1',
  attempt: 1,
  subscription: 'claims',
  plugin: 'to-claim',
  group: 'edge',
  revision: 3,
  source: 'EventSubscription/claims/0011223344556677',
  facts: [{ seq: 1, id: 'f1', origin: 'onprem', factKey: 'about:client.observed x', subject: 'x' }],
  retry: { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 },
};

export function nextAttempt(order: RunOrder): RunOrder {
  return { ...order, attempt: order.attempt + 1 };
}

export function planned(order: RunOrder, atMs = NOON): RunRecord {
  return { type: 'planned', at: formatTime(atMs), ...order };
}

export function started({ runId, attempt }: RunOrder, atMs = NOON): RunRecord {
  return { type: 'started', at: formatTime(atMs), runId, attempt, pluginDigest: 'd1' };
}

export function ended(
  order: RunOrder,
  outcome: EndedRecord['outcome'],
  change: Partial<EndedRecord> = {},
): EndedRecord {
  const error = { code: 'plugin-exit', message: 'exit code 1' } as const;
  return {
    type: 'ended',
    at: formatTime(NOON),
    order,
    outcome,
    ...(outcome === 'failed' && { error }),
    ...change,
  };
}

export function skipped(order: RunOrder, code: ErrorCode = 'superseded'): EndedRecord {
  return ended(order, 'skipped', { error: { code, message: 'f2 came later' } });
}

export function accepted({ retry: _retry, ...order }: RunOrder): PartRecord {
  const at = formatTime(NOON);
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

export function rejected({ runId, attempt, subscription, source }: RunOrder): PartRecord {
  return {
    type: 'rejected',
    at: formatTime(NOON),
    cause: { stream: 'ACTIVITY', seq: 1 },
    runId,
    attempt,
    owner: `EventSubscription/${subscription}`,
    source,
    error: { code: 'part-conflict', message: 'another owner holds it' },
  };
}
