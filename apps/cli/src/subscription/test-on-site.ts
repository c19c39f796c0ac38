import {
  type ErrorBody,
  type FactOutcome,
  refOf,
  refText,
  type Resource,
  type TriedFact,
} from '@signalbox/contracts';
import type { OutputFlags } from '../commands/options.js';
import { EXIT } from '../exit-codes.js';
import { givenBodies } from '../offline/given-facts.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { trialText, type TriedRun, verdictOf } from './test-subscription.js';

/** How a subscription of a site is tried. */
export interface TestOnSiteFlags extends OutputFlags {
  readonly event: string;
}

/** The answer of `POST /v1/subscriptions/{name}/test`. */
interface TrialAnswer {
  readonly facts: readonly TriedFact[];
  readonly runs: readonly {
    readonly facts: readonly string[];
    readonly state: TriedRun['state'];
    readonly durationMs: number;
    readonly outcomes: readonly FactOutcome[];
    readonly resources: readonly Resource[];
    readonly error?: ErrorBody;
    readonly stderr?: string;
  }[];
  readonly waiting?: { readonly reason: string; readonly waitsFor: string };
}

/** Longest that the site may take for all runs. Milliseconds. */
const LONGEST_MS = 150_000;

/**
 * Has the site tell what one of its subscriptions makes of facts: which match, what the plugin answers, and whether the part would be
 * taken. Nothing is recorded. Exit code 1 unless something matched and all of it was taken.
 */
export async function testOnSite(session: Session, name: string, flags: TestOnSiteFlags): Promise<void> {
  const { client, terminal } = session;
  const events = await givenBodies(flags.event, terminal);
  const answer = await client.call<TrialAnswer>(pathOf('subscriptions', name, 'test'), {
    method: 'POST',
    has: ['facts', 'runs'],
    changesNothing: true,
    ifMissing: 'signalbox get EventSubscription',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
    waitMs: LONGEST_MS,
  });
  const { facts, runs, waiting } = answer;
  const trial = { facts, runs: runs.map(runOf) };
  await session.printOne(answer, flags.output, (_answer, _format, style) => trialText(trial, style));
  const { matched, taken } = verdictOf(trial);
  if (matched && waiting) {
    const until = waiting.reason === 'plugin-missing' ? 'is declared' : 'is no longer suspended';
    session.note(`nothing runs until ${waiting.waitsFor} ${until}`);
  }
  if (!matched || !taken) session.exitCode = EXIT.failure;
}

function runOf({ error, resources, ...run }: TrialAnswer['runs'][number]): TriedRun {
  return {
    ...run,
    attempt: 1,
    resources: resources.map((resource) => refText(refOf(resource))),
    ...(error && { error: `${error.code}: ${error.message}` }),
  };
}
