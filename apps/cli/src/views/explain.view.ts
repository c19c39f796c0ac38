import { WAITING_REASONS } from '@signalbox/contracts';
import { cellText, plain } from '../output/cell.js';
import type { Paint } from '../output/colour.js';
import { type Branch, treeText } from '../output/tree.js';
import type { ExplainAnswer, PartItem, RunItem } from '../rest/answers.js';
import { derivedText } from './dynamic.view.js';

/** The whole chain of one fact for people: the verdict, then why, then what followed. */
export function explainText(answer: ExplainAnswer, paint: Paint): string {
  const { event, deliveries = [], decisions, runs, parts, resources } = answer;
  return [
    `${paint('bold', plain(answer.verdict))}\n\n`,
    `${cellText(event.id)} in ${event.group}: ${event.type ?? 'a fact about'} ${cellText(event.subject)}\n`,
    treeText([
      { text: factText(event) },
      ...(deliveries.length === 0
        ? []
        : [{ text: 'deliveries', branches: deliveries.map((one) => ({ text: deliveryText(one, paint) })) }]),
      {
        text: decisions.length > 0 ? `decisions at revision ${answer.revision}` : 'no subscriptions',
        branches: decisions.map((decision) => ({ text: decisionText(decision, paint) })),
      },
      { text: 'runs', branches: orNone(runs.map((run) => runBranch(run, event.id, paint))) },
      { text: 'parts', branches: orNone(parts.map((part) => ({ text: partText(part, paint) }))) },
      { text: 'resources', branches: orNone(resources.map((one) => ({ text: derivedText(one) }))) },
    ]),
  ].join('');
}

function deliveryText(
  { peer, status, attempts, deliveredAt, lastError }: NonNullable<ExplainAnswer['deliveries']>[number],
  paint: Paint,
): string {
  const style = status === 'delivered' ? 'green' : status === 'pending' ? 'yellow' : 'red';
  const when = deliveredAt === null ? '' : ` at ${deliveredAt}`;
  const why = lastError === null || status === 'delivered' ? '' : `: ${plain(lastError)}`;
  return `${cellText(peer)} ${paint(style, status)}${when}, attempts ${attempts}${why}`;
}

function orNone(branches: readonly Branch[]): readonly Branch[] {
  return branches.length > 0 ? branches : [{ text: '(none)' }];
}

function factText(event: ExplainAnswer['event']): string {
  if (event.pruned !== undefined) return `observed by ${cellText(event.sourceNode)}; ${plain(event.pruned)}`;
  const expiry =
    event.expiresAt === undefined
      ? 'never expires'
      : `${event.expired ? 'expired' : 'expires'} ${event.expiresAt}`;
  return `observed ${event.observedAt} by ${cellText(event.sourceNode)}, came by ${cellText(event.way)}, ${expiry}`;
}

function decisionText(decision: ExplainAnswer['decisions'][number], paint: Paint): string {
  const { changedAt } = decision;
  const since = changedAt === undefined ? '' : ` (changed at revision ${changedAt}, for new facts only)`;
  return `${decidedText(decision, paint)}${since}`;
}

function decidedText(decision: ExplainAnswer['decisions'][number], paint: Paint): string {
  const { subscription, matched, clause, message, waitsFor, reason: why, retracts } = decision;
  if (retracts !== undefined) return `${paint('yellow', '↩')} ${subscription}: ${plain(retracts)}`;
  if (waitsFor !== undefined && why !== undefined)
    return `${paint('red', '✓')} ${subscription}: matched, waits: ${waitsFor} ${WAITING_REASONS[why]}`;
  if (matched) return `${paint('green', '✓')} ${subscription}: matched`;
  const reason = message === undefined ? '' : `: ${plain(message)}`;
  return `${paint('red', '✗')} ${subscription}: ${clause ?? 'not matched'}${reason}`;
}

function runBranch(run: RunItem, eventId: string, paint: Paint): Branch {
  const { runId, plugin, state, attempt, maxAttempts, errorCode, error, retryAt, halving, facts } = run;
  const said = run.outcomes?.find((one) => one.eventId === eventId);
  const others = facts.length - 1;
  const details = [
    ...(others === 0 ? [] : [{ text: `with ${others === 1 ? '1 other fact' : `${others} other facts`}` }]),
    ...(halving === undefined ? [] : [{ text: `a piece of ${halving.of}` }]),
    ...(said === undefined
      ? []
      : [{ text: plain(`this fact: ${said.outcome}${said.reason ? `: ${said.reason}` : ''}`) }]),
    ...(errorCode === undefined ? [] : [{ text: plain(`${errorCode}: ${error ?? ''}`) }]),
    ...(retryAt === undefined ? [] : [{ text: `next attempt ${retryAt}` }]),
  ];
  return {
    text: `${runId} ${stateText(state, paint)}, plugin ${plugin}, attempt ${attempt} of ${maxAttempts}`,
    branches: details,
  };
}

function partText(part: PartItem, paint: Paint): string {
  const { source, generation, state, resources, expiresAt, reason, handedOverTo } = part;
  const counted = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  const why = reason ? `, ${plain(reason)}` : '';
  const heir = handedOverTo === undefined ? '' : `, handed over to ${plain(handedOverTo)}`;
  return `${source} generation ${generation} ${stateText(state, paint)}, ${counted}, ${expiresAt === null ? 'held' : `expires ${expiresAt}`}${heir}${why}`;
}

const GOOD = ['succeeded', 'active'];
const BAD = ['failed', 'quarantined'];

function stateText(state: string, paint: Paint): string {
  return GOOD.includes(state) ? paint('green', state) : BAD.includes(state) ? paint('red', state) : state;
}
