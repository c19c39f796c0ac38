import {
  FEDERATION_API,
  type EventSubscriptionSpec,
  refOf,
  refText,
  type TriedFact,
} from '@signalbox/contracts';
import type { OutputFlags } from '../commands/options.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { readConfig } from '../offline/given-config.js';
import { readFacts } from '../offline/given-facts.js';
import { type OfflineMatch, type OfflineRun, OfflineSite } from '../offline/offline-site.js';
import { executablesOf, pluginPlace } from '../offline/plugin-place.js';
import { indented } from '../output/details.js';
import { type Column, indentedTable, tableText, type TableStyle } from '../output/table.js';
import type { Session } from '../session.js';

/** How a subscription is tried. */
export interface TestFlags extends OutputFlags {
  readonly file: readonly string[];
  readonly event: string;
  readonly pluginDir?: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
}

/** One run, and what became of what it proposed. */
export interface TriedRun {
  readonly facts: readonly string[];
  readonly attempt: number;
  readonly state: 'succeeded' | 'failed' | 'rejected';
  readonly durationMs: number;
  readonly resources: readonly string[];
  readonly outcomes: readonly {
    readonly eventId: string;
    readonly outcome: string;
    readonly reason?: string;
  }[];
  readonly error?: string;
  readonly stderr?: string;
}

const FACT_COLUMNS: readonly Column<TriedFact>[] = [
  { title: 'EVENT_ID', value: ({ id }) => id },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'SUBJECT', value: ({ subject }) => subject },
  { title: 'MATCHED', value: ({ matched }) => (matched ? 'yes' : 'no') },
  { title: 'WHY', value: ({ clause, message }) => clause && `${clause}: ${message}` },
];

const RUN_COLUMNS: readonly Column<TriedRun>[] = [
  { title: 'FACTS', value: ({ facts }) => facts.join(',') },
  { title: 'ATTEMPT', value: ({ attempt }) => attempt },
  { title: 'STATUS', value: ({ state }) => state },
  { title: 'DURATION', value: ({ durationMs }) => `${Math.round(durationMs)}ms` },
  { title: 'PROPOSES', value: ({ resources }) => resources.join(',') },
  { title: 'ERROR', value: ({ error }) => error },
];

/**
 * Tells what a subscription of a file makes of some facts: which match, what the plugin answers, and whether the site would take
 * it. Exit code 1 unless something matched and all of it was taken.
 */
export async function testSubscription(session: Session, name: string, flags: TestFlags): Promise<void> {
  const resources = await readConfig(session, flags.file, flags.var);
  const declared = resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === FEDERATION_API && kind === 'EventSubscription' && metadata.name === name,
  );
  if (!declared)
    throw new Failure(
      'not-found',
      `no EventSubscription "${name}" is in ${flags.file.join(', ')}`,
      EXIT.notFound,
      {
        next: 'check the name, and that the file declares the subscription',
      },
    );
  const { groupRef, trigger } = declared.spec as unknown as EventSubscriptionSpec;
  const defaults = { group: groupRef, sourceNode: 'local' };
  const facts = await readFacts(flags.event, defaults, session.terminal);
  const others = resources.filter(({ kind }) => kind === 'EventSubscription');
  const alone = resources.filter((resource) => resource === declared || !others.includes(resource));

  const place = await pluginPlace(session, flags.pluginDir, executablesOf(resources));
  const site = new OfflineSite(alone, place, session.terminal.nowMs());
  for (const fact of facts) site.take(fact);
  await site.work().finally(() => site.stop());

  const tried = { facts: facts.map((fact) => factOf(fact.id, site.matches)), runs: site.runs.map(runOf) };
  await session.printOne(tried, flags.output, (_tried, _format, style) => trialText(tried, style));
  const { matched, taken } = verdictOf(tried);
  if (matched && tried.runs.length === 0)
    session.note(`nothing runs until Plugin/${trigger.pluginRef} is declared: add its file with -f`);
  if (!matched || !taken) session.exitCode = EXIT.failure;

  function factOf(id: string, matches: readonly OfflineMatch[]): TriedFact {
    const { fact, decision } = matches.find((match) => match.fact.id === id) ?? {
      fact: facts.find((given) => given.id === id)!,
      decision: { matched: false, clause: 'group', message: `wants group ${groupRef}` } as const,
    };
    const { type, subject } = fact;
    return decision.matched
      ? { id, type, subject, matched: true }
      : { id, type, subject, matched: false, clause: decision.clause, message: decision.message };
  }
}

/** What a trial tells: the facts, and the runs that they started. */
export interface Trial {
  readonly facts: readonly TriedFact[];
  readonly runs: readonly TriedRun[];
}

export function trialText({ facts, runs }: Trial, style: TableStyle): string {
  return [tableText(FACT_COLUMNS, facts, style), ...runsText(runs, style)].join('');
}

/** Whether anything matched, and whether something ran and all of it was taken. */
export function verdictOf({ facts, runs }: Trial): { readonly matched: boolean; readonly taken: boolean } {
  return {
    matched: facts.some((fact) => fact.matched),
    taken: runs.length > 0 && runs.every(({ state }) => state === 'succeeded'),
  };
}

function runOf({ order, execution, result, error, part }: OfflineRun): TriedRun {
  return {
    facts: order.facts.map(({ id }) => id),
    attempt: order.attempt,
    state: part ? 'succeeded' : result ? 'rejected' : 'failed',
    durationMs: execution.durationMs,
    resources: (result?.resources ?? []).map((resource) => refText(refOf(resource))),
    outcomes: result?.outcomes ?? [],
    ...(error && { error: `${error.code}: ${error.message}` }),
    ...(execution.stderr !== undefined && { stderr: execution.stderr }),
  };
}

function runsText(runs: readonly TriedRun[], style: TableStyle): string[] {
  if (runs.length === 0) return [];
  const outcomes = runs.flatMap(({ outcomes: told }) => told);
  const stderr = runs.flatMap((run) => run.stderr ?? []);
  return [
    'Runs:\n',
    indentedTable(RUN_COLUMNS, runs, style),
    ...(outcomes.length > 0 ? ['Outcomes:\n'] : []),
    ...outcomes.map(
      ({ eventId, outcome, reason }) => `  ${eventId}: ${outcome}${reason ? `: ${reason}` : ''}\n`,
    ),
    ...(stderr.length > 0 ? ['Stderr:\n', ...stderr.map((text) => indented(text, '  | '))] : []),
  ];
}
