import {
  CodedError,
  ENDED_STATES,
  type RunOrder,
  type RunState,
  WAITING_REASONS,
} from '@signalbox/contracts';
import { leavesThePast, type Rule, waitingOf } from './rule.js';
import { nextAttempt } from './run-order.js';

/** A run as its row says, and what became of its facts. */
export interface EndedRun {
  readonly order: RunOrder;
  readonly state: RunState;
  /** Ids of facts of which a later one of their lineage came. */
  readonly overtaken: readonly string[];
}

/**
 * The order of a further attempt of a run that failed, as an operator asked for it (S18). `rule`: in force for its subscription;
 * `isBusy`: whether a run or a fact of its lineages waits or is in work. Throws `wrong-state` for a run that has not failed or is busy, and while its subscription or plugin is suspended,
 * `subscription-gone`, `rule-changed` when its facts were decided again, and `superseded` when a later fact took the place of one.
 */
export function runAgain(
  { order, state, overtaken }: EndedRun,
  rule: Rule | undefined,
  isBusy: boolean,
): RunOrder {
  const { runId, subscription, plugin, group, revision } = order;
  if (state !== 'failed') {
    const how = ENDED_STATES.includes(state) ? 'it did not fail' : 'it has not ended yet';
    throw new CodedError('wrong-state', `run ${runId} is ${state}: ${how}`);
  }
  if (!rule) throw new CodedError('subscription-gone', `EventSubscription/${subscription} was deleted`);
  if (!rule.pluginExists)
    throw new CodedError('plugin-missing', `Plugin/${plugin} is not declared: apply it`);
  const waiting = waitingOf(rule);
  if (waiting) throw new CodedError('wrong-state', `${waiting.waitsFor} ${WAITING_REASONS[waiting.reason]}`);
  if (rule.revision !== revision && !leavesThePast(rule, group)) {
    const message = `EventSubscription/${subscription} or its plugin changed at revision ${rule.revision}, and what still matches was run again: see signalbox run list --subscription ${subscription}`;
    throw new CodedError('rule-changed', message);
  }
  if (overtaken.length > 0) {
    const message = `a later fact of the same lineage came than ${overtaken.slice(0, 5).join(', ')}: an older one does not take its place`;
    throw new CodedError('superseded', message);
  }
  if (isBusy)
    throw new CodedError(
      'wrong-state',
      `a run of a lineage of ${runId} waits or is in work: try again when it has ended`,
    );
  return nextAttempt(order);
}
