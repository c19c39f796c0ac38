import {
  type AnyOrder,
  type EndedRecord,
  errorOfEnd,
  formatTime,
  ownerOfOrder,
  type PartRecord,
  retryAtMs,
  type RunRecord,
  type RunState,
  STREAMS,
} from '@signalbox/contracts';
import type { EventContent } from './live-event.js';

/**
 * What a record of `activity.run.>` tells of a run: the state that it brings, as lists of runs say it. What matcher gave the plugin and
 * what the plugin gave back is left out: it is large, and `GET /v1/runs/{runId}` and the parts have it.
 */
export function runEvents(record: RunRecord): EventContent[] {
  switch (record.type) {
    case 'planned':
      return [event(record, { change: 'planned', state: 'queued', at: record.at, ...orderData(record) })];
    case 'started': {
      const { runId, attempt, at } = record;
      return [
        { kind: 'run', names: [runId], data: { change: 'started', state: 'running', at, runId, attempt } },
      ];
    }
    case 'ended':
      return [event(record.order, endData(record))];
    default:
      return [];
  }
}

/** How `renderer` decided on the part that a run proposed; nothing for records that decide on no run. */
export function decisionEvents(record: PartRecord): EventContent[] {
  if (record.type !== 'accepted' && record.type !== 'rejected') return [];
  const { runId, attempt, owner, source } = record.type === 'accepted' ? record.part : record;
  const { stream, seq } = record.cause;
  return [
    {
      kind: 'run',
      names: [runId, nameOfOwner(owner)],
      ...(stream === STREAMS.activity && { after: { source: 'run', seq } }),
      data: {
        change: record.type,
        state: record.type === 'accepted' ? 'succeeded' : 'failed',
        at: record.at,
        ...{ runId, attempt, source },
        ...(record.type === 'rejected' && { errorCode: record.error.code, error: record.error.message }),
      },
    },
  ];
}

/** The subscription, plugin or source that an owner is: what people filter by. */
function nameOfOwner(owner: string): string {
  return owner.slice(owner.indexOf('/') + 1);
}

function event(order: AnyOrder, data: object): EventContent {
  const { runId, plugin, subscription, group } = order;
  const names = [runId, plugin, nameOfOwner(ownerOfOrder(order)), ...(subscription ? [subscription] : [])];
  return { kind: 'run', names, ...(group !== undefined && { group }), data };
}

function orderData(order: AnyOrder): object {
  const { runId, attempt, plugin, revision, source, facts, subscription, group, trigger } = order;
  return {
    ...{ runId, attempt, plugin, revision, source },
    ...(trigger === undefined ? { subscription, group } : { trigger }),
    facts: facts.map(({ seq, id, origin, subject }) => ({ seq, id, origin, subject })),
  };
}

function endData(record: EndedRecord): object {
  const { order, outcome, at, execution, outcomes } = record;
  const retryAt = outcome === 'failed' || outcome === 'lost' ? retryAtMs(record) : undefined;
  const error = outcome === 'proposed' ? undefined : errorOfEnd(record);
  return {
    change: 'ended',
    state: stateOf(outcome, retryAt),
    at,
    ...orderData(order),
    ...(execution && {
      durationMs: execution.durationMs,
      ...(execution.exitCode !== undefined && { exitCode: execution.exitCode }),
    }),
    ...(outcomes && { outcomes }),
    ...(error && { errorCode: error.code, error: error.message }),
    ...(retryAt !== undefined && { retryAt: formatTime(retryAt) }),
  };
}

function stateOf(outcome: EndedRecord['outcome'], retryAt: number | undefined): RunState {
  if (outcome === 'proposed' || outcome === 'skipped') return outcome;
  return retryAt === undefined ? 'failed' : 'retrying';
}
