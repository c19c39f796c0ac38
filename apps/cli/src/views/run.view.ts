import { detailsText, indented } from '../output/details.js';
import { type Column, indentedTable, type TableStyle } from '../output/table.js';
import type { ExecutionItem, RunItem } from '../rest/answers.js';

/** Reference 9.5. */
export const RUN_COLUMNS: readonly Column<RunItem>[] = [
  { title: 'ID', value: ({ runId }) => runId },
  { title: 'SUBSCRIPTION', rank: 0, value: ({ subscription }) => subscription },
  { title: 'EVENT_ID', rank: 4, value: ({ facts }) => eventIds(facts) },
  { title: 'GROUP', rank: 7, value: ({ group }) => group },
  { title: 'PLUGIN', rank: 6, value: ({ plugin }) => plugin },
  { title: 'STATUS', rank: 0, value: ({ state }) => state },
  { title: 'ATTEMPTS', rank: 5, value: ({ attempt }) => attempt },
  { title: 'STARTED', rank: 3, value: ({ startedAt }) => startedAt },
  { title: 'COMPLETED', rank: 2, value: ({ endedAt }) => endedAt },
  { title: 'ERROR', max: 60, value: ({ error }) => error },
  { title: 'CODE', wide: true, value: ({ errorCode }) => errorCode },
  { title: 'MAX', wide: true, value: ({ maxAttempts }) => maxAttempts },
  { title: 'REVISION', wide: true, value: ({ revision }) => revision },
  { title: 'PLANNED', wide: true, value: ({ plannedAt }) => plannedAt },
  { title: 'RETRY', wide: true, value: ({ retryAt }) => retryAt },
  { title: 'SOURCE', wide: true, value: ({ source }) => source },
  { title: 'TRIGGER', wide: true, value: ({ trigger }) => trigger && triggerText(trigger) },
];

const FACT_COLUMNS: readonly Column<RunItem['facts'][number]>[] = [
  { title: 'EVENT_ID', value: ({ id }) => id },
  { title: 'ORIGIN', value: ({ origin }) => origin },
  { title: 'SUBJECT', value: ({ subject }) => subject },
  { title: 'SEQ', value: ({ seq }) => seq },
];

/** With what the plugin said of each; a fact of which it said nothing is applied. */
function factColumns({ outcomes }: RunItem): readonly Column<RunItem['facts'][number]>[] {
  if (!outcomes) return FACT_COLUMNS;
  const said = new Map(outcomes.map((one) => [one.eventId, one]));
  return [
    ...FACT_COLUMNS,
    { title: 'OUTCOME', value: ({ id }) => said.get(id)?.outcome ?? 'applied' },
    { title: 'REASON', value: ({ id }) => said.get(id)?.reason },
  ];
}

/** Of which batch it is a piece, and how much of that comes after it. */
function pieceDetails({ halving }: RunItem): [string, string][] {
  if (!halving) return [];
  const left = halving.rest.flat().length;
  const after = left === 1 ? '1 fact comes after it' : `${left} facts come after it`;
  return [['Piece Of', left === 0 ? halving.of : `${halving.of}, ${after}`]];
}

/** Which part it makes again, and why. */
function remadeDetails({ remakes }: RunItem): [string, string][] {
  return remakes
    ? [['Remakes', `${remakes.source} generation ${remakes.generation}: ${remakes.reason}`]]
    : [];
}

const EXECUTION_COLUMNS: readonly Column<ExecutionItem>[] = [
  { title: 'ATTEMPT', value: ({ attempt }) => attempt },
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
  { title: 'STARTED', value: ({ startedAt }) => startedAt },
  { title: 'DURATION', value: ({ durationMs }) => `${Math.round(durationMs)}ms` },
  { title: 'EXIT', value: ({ exitCode, signal }) => exitCode ?? signal },
  { title: 'ERROR', value: ({ error }) => error && `${error.code}: ${error.message}` },
];

/** The first fact of a run; a batch says how many more there are. */
function eventIds(facts: RunItem['facts']): string {
  const [first, ...rest] = facts;
  return rest.length === 0 ? (first?.id ?? '') : `${first?.id},+${rest.length}`;
}

/** `manual by ann`, `interval of DynamicConfigSource/hosts`, `event events.lan.client.seen`. */
function triggerText({ type, configSource, author, topic }: NonNullable<RunItem['trigger']>): string {
  const source = configSource === undefined ? '' : ` of DynamicConfigSource/${configSource}`;
  return `${type}${topic === undefined ? '' : ` ${topic}`}${source}${author === undefined ? '' : ` by ${author}`}`;
}

/** Everything of one run, with what its plugin wrote to stderr. */
export function runText(run: RunItem, _format?: 'table' | 'wide', style: TableStyle = {}): string {
  const stderr = run.executions.filter((execution) => execution.stderr);
  return [
    detailsText([
      ['ID', run.runId],
      ['Subscription', run.subscription],
      ['Trigger', run.trigger && triggerText(run.trigger)],
      ['Group', run.group],
      ['Plugin', run.plugin],
      ['Status', run.state],
      ['Attempts', `${run.attempt} of ${run.maxAttempts}`],
      ['Revision', run.revision],
      ['Source', run.source],
      ...pieceDetails(run),
      ...remadeDetails(run),
      ['Planned', run.plannedAt],
      ['Started', run.startedAt],
      ['Completed', run.endedAt],
      ['Retry At', run.retryAt],
      ['Error', run.errorCode && `${run.errorCode}: ${run.error}`],
    ]),
    'Facts:\n',
    indentedTable(factColumns(run), run.facts, style),
    'Executions:\n',
    run.executions.length > 0 ? indentedTable(EXECUTION_COLUMNS, run.executions, style) : '  -\n',
    ...stderr.map(
      (execution) => `Stderr of attempt ${execution.attempt}:\n${indented(execution.stderr ?? '', '  | ')}`,
    ),
  ].join('');
}
