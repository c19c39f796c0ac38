import {
  type AnyOrder,
  ENDED_STATES,
  type EndedRecord,
  type ErrorBody,
  type ErrorCode,
  errorOfEnd,
  type FactOutcome,
  formatTime,
  type Halving,
  OPEN_STATES,
  orderOf,
  orderOfPlanned,
  type RemadePart,
  type ConfigRecord,
  type PartRecord,
  type RetryPolicy,
  retryAtMs,
  type RunFact,
  type RunTrigger,
  type RunRecord,
  type RunState,
} from '@signalbox/contracts';

/** What one attempt left behind, as people see it. */
export interface ExecutionView {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly pluginDigest?: string;
  readonly stdoutDigest?: string;
  readonly stderr?: string;
  readonly outcome: EndedRecord['outcome'];
  readonly error?: ErrorBody;
}

/** One row of the `runs` table. */
export interface RunView {
  readonly runId: string;
  /** What started it: a subscription for facts of a group, or else `trigger`. */
  readonly subscription?: string;
  readonly group?: string;
  readonly trigger?: RunTrigger;
  readonly plugin: string;
  readonly revision: number;
  readonly source: string;
  readonly state: RunState;
  /** Attempts that were planned so far; 0 when the run was skipped before its first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly retry: RetryPolicy;
  readonly facts: readonly RunFact[];
  /** Set on a run of a piece of a batch that failed. */
  readonly halving?: Halving;
  /** Set on a run of what is left of a part. */
  readonly remakes?: RemadePart;
  /** What the plugin said of single facts in the attempt that proposed; a fact without one is applied. */
  readonly outcomes?: readonly FactOutcome[];
  /** When the first attempt was planned; a skipped run: when that was decided. */
  readonly plannedAt: string;
  /** Start and end of the latest attempt. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Set while `state` is retrying. */
  readonly retryAt?: string;
  readonly errorCode?: ErrorCode;
  readonly error?: string;
  /** The latest attempts, at most `maxAttempts` of them. */
  readonly executions: readonly ExecutionView[];
  /** Stream position of the last record that changed the row. */
  readonly lastSeq: number;
}

/** The order of the latest attempt of a run. */
export function orderOfView({ trigger, subscription = '', group = '', ...view }: RunView): AnyOrder {
  return trigger === undefined ? orderOf({ ...view, subscription, group }) : orderOf({ ...view, trigger });
}

/**
 * Folds one record of a run, or the part record that decides on it, into its row. `seq` is the sequence of its message,
 * which may hold several records of the run. Every fold is idempotent by (runId, attempt), and a succeeded run is immune to any later record (S17).
 * A record of a run that is not known and that does not carry its order changes nothing.
 */
export function evolveRun(
  view: RunView | undefined,
  record: RunRecord | ConfigRecord,
  seq: number,
): RunView | undefined {
  if (view && (view.state === 'succeeded' || seq < view.lastSeq)) return view;
  switch (record.type) {
    case 'planned':
      return planned(view, orderOfPlanned(record), record.at, seq);
    case 'started':
      return view?.attempt === record.attempt && view.state === 'queued'
        ? { ...view, state: 'running', startedAt: record.at, lastSeq: seq }
        : view;
    case 'ended':
      return ended(view, record, seq);
    case 'accepted':
      return decided(view, record.part.attempt, { state: 'succeeded', lastSeq: seq });
    case 'rejected':
      return rejected(view, record, seq);
    default:
      return view;
  }
}

function planned(view: RunView | undefined, order: AnyOrder, at: string, seq: number): RunView {
  if (!view) return { ...rowOf(order, at, seq), state: 'queued', attempt: order.attempt };
  if (order.attempt <= view.attempt) return view;
  const row = without(view, 'startedAt', 'endedAt', 'retryAt');
  return { ...row, state: 'queued', attempt: order.attempt, lastSeq: seq };
}

function ended(view: RunView | undefined, record: EndedRecord, seq: number): RunView {
  const { order, outcome, at } = record;
  if (view && isEnded(view, order.attempt)) return view;
  const row = view ?? rowOf(order, at, seq);
  const rest = without(row, 'retryAt', 'errorCode', 'error', 'outcomes');
  if (outcome === 'skipped')
    return { ...rest, ...failure(errorOfEnd(record)), state: 'skipped', endedAt: at, lastSeq: seq };
  const startedAt = record.execution?.startedAt ?? row.startedAt;
  const after = {
    ...rest,
    attempt: order.attempt,
    ...(startedAt !== undefined && { startedAt }),
    endedAt: at,
    executions: [...row.executions, executionOf(record, startedAt ?? at)].slice(-row.maxAttempts),
    lastSeq: seq,
  };
  if (outcome === 'proposed') {
    const outcomes = record.outcomes?.length ? { outcomes: record.outcomes } : {};
    return { ...after, ...outcomes, state: 'proposed' };
  }
  const dueMs = retryAtMs(record);
  const failed = { ...after, ...failure(errorOfEnd(record)) };
  return dueMs === undefined
    ? { ...failed, state: 'failed' }
    : { ...failed, state: 'retrying', retryAt: formatTime(dueMs) };
}

/** The decision on the proposed part: a run that ended otherwise, or a newer attempt, is not touched. */
function decided(view: RunView | undefined, attempt: number, change: Partial<RunView>): RunView | undefined {
  if (!view || attempt !== view.attempt || ENDED_STATES.includes(view.state)) return view;
  return { ...view, ...change };
}

/** What the plugin said of single facts counts for nothing then. */
function rejected(
  view: RunView | undefined,
  { attempt, error }: Extract<PartRecord, { type: 'rejected' }>,
  seq: number,
): RunView | undefined {
  const after = decided(view, attempt, { state: 'failed', ...failure(error), lastSeq: seq });
  return after && after !== view ? without(after, 'outcomes') : after;
}

/** Whether this attempt ended already. The record of a skipped attempt carries the attempt that is not made. */
function isEnded(view: RunView, attempt: number): boolean {
  if (ENDED_STATES.includes(view.state)) return true;
  return attempt < view.attempt || (attempt === view.attempt && !OPEN_STATES.includes(view.state));
}

function rowOf(order: AnyOrder, at: string, seq: number): RunView {
  return {
    runId: order.runId,
    // in the order of 0.1.0: rows of an upgraded site are compared as text with what is folded again
    ...(order.trigger === undefined
      ? { subscription: order.subscription, plugin: order.plugin, group: order.group }
      : { trigger: order.trigger, plugin: order.plugin }),
    revision: order.revision,
    source: order.source,
    state: 'waiting',
    attempt: order.attempt - 1,
    maxAttempts: order.retry.maxAttempts,
    retry: order.retry,
    facts: order.facts,
    ...(order.halving && { halving: order.halving }),
    ...(order.remakes && { remakes: order.remakes }),
    plannedAt: at,
    executions: [],
    lastSeq: seq,
  };
}

/** An attempt without an execution (lost, or failed before the spawn) lasted nothing that anyone measured. */
function executionOf(record: EndedRecord, startedAt: string): ExecutionView {
  const { outcome, execution, order, at } = record;
  return {
    ...execution,
    attempt: order.attempt,
    startedAt,
    endedAt: at,
    durationMs: execution?.durationMs ?? 0,
    outcome,
    ...(outcome !== 'proposed' && { error: errorOfEnd(record) }),
  };
}

type ClearedField = 'startedAt' | 'endedAt' | 'retryAt' | 'errorCode' | 'error' | 'outcomes';

function without(view: RunView, ...fields: readonly ClearedField[]): RunView {
  const row: { -readonly [Field in keyof RunView]: RunView[Field] } = { ...view };
  for (const field of fields) delete row[field];
  return row;
}

function failure(error: ErrorBody): { errorCode: ErrorCode; error: string } {
  return { errorCode: error.code, error: error.message };
}
