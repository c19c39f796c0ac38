import type { ErrorBody, Execution, FactOutcome, ProposedPart } from '@signalbox/contracts';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { givenBodies } from '../offline/given-facts.js';
import { indented } from '../output/details.js';
import { pathOf } from '../rest-client.js';
import type { RunItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import { runText } from '../views/run.view.js';
import { printProposal } from './run-by-hand.js';

/** How a plugin is run on a site. */
export interface RunOnSiteFlags {
  readonly event?: string;
  readonly dryRun?: boolean;
  readonly output: 'yaml' | 'json';
}

interface RunAnswer {
  readonly runId?: string;
  readonly execution?: Execution;
  readonly outcomes?: readonly FactOutcome[];
  readonly part?: ProposedPart;
  readonly error?: ErrorBody;
}

/** States that a run does not leave by itself. */
const OVER: readonly string[] = ['succeeded', 'failed', 'skipped', 'withdrawn'];
/** Between two looks at a run. Milliseconds. */
const LOOK_MS = 200;
/** Longest that a run is waited for. Milliseconds. */
const LONGEST_MS = 120_000;

/**
 * Has the site run a plugin by hand. A dry run prints the part that it proposes; else the run is recorded, and printed once it is
 * over. Throws what became of a dry run that failed; the exit code is 1 when a run did not succeed.
 */
export async function runOnSite(session: Session, name: string, flags: RunOnSiteFlags): Promise<void> {
  const { client, terminal } = session;
  const { dryRun = false } = flags;
  const events = flags.event === undefined ? [] : await givenBodies(flags.event, terminal);
  const answer = await client.call<RunAnswer>(pathOf('plugins', name, 'run'), {
    method: 'POST',
    has: ['dryRun'],
    changesNothing: dryRun,
    ifMissing: 'signalbox get Plugin',
    headers: { 'content-type': 'application/json' },
    query: { dryRun },
    body: JSON.stringify({ events }),
    waitMs: LONGEST_MS,
  });
  if (answer.runId !== undefined) {
    const run = await ended(session, answer.runId);
    session.print(runText(run));
    if (run.state !== 'succeeded') session.exitCode = EXIT.failure;
    return;
  }
  if (answer.execution?.stderr) terminal.err.write(indented(answer.execution.stderr, '  | '));
  if (!answer.part) {
    const { code = 'internal', message = 'the run failed', errors = [] } = answer.error ?? {};
    throw new Failure(code, message, EXIT.failure, { errors });
  }
  await printProposal(session, name, { ...answer, part: answer.part }, flags.output);
}

async function ended(session: Session, runId: string): Promise<RunItem> {
  const { client, terminal } = session;
  const giveUpMs = terminal.nowMs() + LONGEST_MS;
  for (;;) {
    const run = await client
      .call<RunItem>(pathOf('runs', runId), { has: ['runId'] })
      .catch((error: unknown) => {
        // planned, and not yet in the table
        if (error instanceof Failure && error.exitCode === EXIT.notFound) return undefined;
        throw error;
      });
    if (run && OVER.includes(run.state)) return run;
    if (terminal.nowMs() > giveUpMs)
      throw new Failure('not-ready', `the run ${runId} is not over yet`, EXIT.failure, {
        next: `signalbox run show ${runId}`,
      });
    await terminal.sleep(LOOK_MS);
  }
}
