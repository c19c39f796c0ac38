import {
  type FactOutcome,
  type PartState,
  type RunState,
  WAITING_REASONS,
  type WaitingReason,
} from '@signalbox/contracts';

/** Why one subscription did or did not fire for a fact, as `matcher` answers it. */
export interface Decision {
  readonly subscription: string;
  readonly matched: boolean;
  readonly clause?: string;
  readonly message?: string;
  /** What a match waits for before its run can be planned. */
  readonly waitsFor?: string;
  /** Of a fact of a type that retracts under it: what it ends and when, or why nothing. */
  readonly retracts?: string;
  readonly reason?: WaitingReason;
  /** The subscription or its plugin changed at this revision since, for new facts only. */
  readonly changedAt?: number;
}

/** What the verdict needs to know of a run of the fact. */
export interface VerdictRun {
  readonly runId: string;
  readonly subscription?: string;
  readonly plugin: string;
  readonly state: RunState;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly plannedAt: string;
  readonly retryAt?: string;
  readonly errorCode?: string;
  readonly error?: string;
  /** What the plugin said of single facts of the run. */
  readonly outcomes?: readonly FactOutcome[];
}

/** What the verdict needs to know of a part that such a run brought. */
export interface VerdictPart {
  readonly source: string;
  readonly generation: number;
  readonly runId: string;
  readonly state: PartState;
  readonly reason: string | null;
  /** Whom it belongs to since its owner was renamed. */
  readonly handedOverTo?: string;
}

/** Everything that is known about what a fact started. */
export interface Findings {
  readonly event: { readonly id: string; readonly group: string; readonly expiresAt?: string };
  readonly decisions: readonly Decision[];
  readonly runs: readonly VerdictRun[];
  readonly parts: readonly VerdictPart[];
  readonly resources: readonly { readonly source: string }[];
  /** What BackendSources made from it: it is a registration. */
  readonly registered: readonly { readonly source: string; readonly kind: string; readonly name: string }[];
  /** Newest generation of the effective config. */
  readonly generation: number;
}

/** How many subscriptions a verdict names before it counts the rest. */
const NAMED = 5;

/** One sentence for people: what the fact started and what came of it, or why it started nothing. */
export function verdictOf(findings: Findings): string {
  const registered = findings.registered.filter(({ kind }) => kind === 'Backend');
  if (registered.length === 0) return outcome(findings);
  const told = sentence(registered.map(({ source, name }) => `${source} has Backend/${name} from it`));
  const { runs, decisions } = findings;
  const isAllThereIs = runs.length === 0 && !decisions.some(({ matched }) => matched);
  return isAllThereIs ? told : `${told} ${outcome(findings)}`;
}

function outcome(findings: Findings): string {
  const { event, decisions, runs } = findings;
  const retracting = decisions.flatMap(({ subscription, retracts }) =>
    retracts === undefined ? [] : [`${subscription}: ${retracts}`],
  );
  if (retracting.length > 0) return sentence(retracting);
  const fired = [...new Set(decisions.filter(({ matched }) => matched).map((one) => one.subscription))];
  const ran = [...new Set(runs.flatMap(({ subscription }) => subscription ?? []))];
  const involved = [...new Set([...ran, ...fired])].sort();
  if (involved.length > 0) {
    return sentence(involved.map((name) => `${name}: ${outcomeOf(name, findings)}`));
  }
  if (decisions.length === 0) {
    return `No EventSubscription names the group "${event.group}", so nothing was started.`;
  }
  if (event.expiresAt !== undefined && decisions.every(({ clause }) => clause === 'expired')) {
    return `The fact had expired at ${event.expiresAt} before it could start anything.`;
  }
  const reasons = decisions.map(({ subscription, clause, message }) =>
    message === undefined
      ? `${subscription} (${clause ?? 'no clause given'})`
      : `${subscription} (${clause}: ${message})`,
  );
  return `No subscription matched: ${sentence(reasons)}`;
}

/** What came of the newest run that a subscription started for the fact. */
function outcomeOf(subscription: string, findings: Findings): string {
  const { event, decisions, runs, parts, resources, generation } = findings;
  const run = newest(runs.filter((one) => one.subscription === subscription));
  if (!run) {
    const { waitsFor, reason } = decisions.find((one) => one.subscription === subscription) ?? {};
    return waitsFor === undefined || reason === undefined
      ? 'matched, its run is not planned yet'
      : `matched, its run waits: ${waitsFor} ${WAITING_REASONS[reason]}`;
  }
  const error = run.errorCode === undefined ? 'no reason was recorded' : `${run.errorCode}: ${run.error}`;
  switch (run.state) {
    case 'succeeded': {
      const said = run.outcomes?.find(({ eventId }) => eventId === event.id);
      if (said && said.outcome !== 'applied')
        return `plugin ${run.plugin} says in run ${run.runId} that the fact is ${said.outcome}${because(said.reason ?? null)}`;
      const part = parts
        .filter(({ runId }) => runId === run.runId)
        .sort((a, b) => b.generation - a.generation)[0];
      if (!part) return `run ${run.runId} of plugin ${run.plugin} succeeded without a part`;
      if (part.state !== 'active') return `its part ${part.source} is ${part.state}${because(part.reason)}`;
      const count = resources.filter(({ source }) => source === part.source).length;
      const things = count === 1 ? '1 resource' : `${count} resources`;
      const heir = part.handedOverTo === undefined ? '' : `, handed over to ${part.handedOverTo}`;
      return `part ${part.source} was accepted${heir} and has ${things} in generation ${generation}`;
    }
    case 'failed':
      return `run ${run.runId} of plugin ${run.plugin} failed after ${run.attempt} of ${run.maxAttempts} attempts with ${error}`;
    case 'retrying':
      return `run ${run.runId} of plugin ${run.plugin} failed with ${error}; it is tried again at ${run.retryAt}`;
    case 'skipped':
    case 'withdrawn':
      return `run ${run.runId} was ${run.state}${run.errorCode === undefined ? '' : ` (${error})`}`;
    case 'proposed':
      return `run ${run.runId} of plugin ${run.plugin} proposed a part that is not decided on yet`;
    default:
      return `run ${run.runId} of plugin ${run.plugin} is ${run.state}`;
  }
}

function newest(runs: readonly VerdictRun[]): VerdictRun | undefined {
  return [...runs].sort((a, b) =>
    a.plannedAt === b.plannedAt ? (a.runId < b.runId ? 1 : -1) : a.plannedAt < b.plannedAt ? 1 : -1,
  )[0];
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : ` (${reason})`;
}

function sentence(clauses: readonly string[]): string {
  const more = clauses.length - NAMED;
  return `${clauses.slice(0, NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
