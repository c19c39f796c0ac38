import { parseDuration } from '@signalbox/contracts';
import { Failure } from '../failure.js';
import { pathOf, type RestClient } from '../rest-client.js';
import type { ApplyAnswer } from '../rest/answers.js';
import type { Session } from '../session.js';
import type { DryRunFlags, OutputFlags } from '../commands/options.js';
import { checkDuration } from '../words/duration-flag.js';
import { type FileDocuments, joinDocuments, readDocuments, variablesOf } from './documents.js';
import { givenFiles } from './given-files.js';
import { locatedFailure } from './places.js';
import { printAnswer } from './print-answer.js';

/** How files are applied. */
export interface ApplyFlags extends OutputFlags, DryRunFlags {
  readonly var?: Readonly<Record<string, string>>;
  readonly set?: string;
  readonly project?: string;
  readonly message?: string;
  readonly recursive?: boolean;
  readonly wait?: string;
}

/** Sends the files to the site as one atomic changeset, prints its plan, and says whether anything is another by it. */
export async function applyFiles(
  session: Session,
  files: readonly string[],
  flags: ApplyFlags,
): Promise<boolean> {
  const { site, client, terminal } = session;
  if (flags.wait !== undefined) checkDuration('--wait', flags.wait, 'signalbox apply --help');
  const given = await givenFiles(files, terminal.cwd, flags.recursive ?? false);
  const documents = await readDocuments(given, { ...variablesOf(site), ...flags.var }, terminal);
  const answer = await sent(client, documents, flags);
  await printAnswer(session, answer, flags);
  return answer.changed;
}

async function sent(
  client: RestClient,
  documents: readonly FileDocuments[],
  { dryRun, set, project, message, wait }: ApplyFlags,
): Promise<ApplyAnswer> {
  try {
    return await client.call<ApplyAnswer>(pathOf('apply'), {
      method: 'POST',
      has: ['revision', 'plan'],
      changesNothing: dryRun === true,
      headers: { 'content-type': 'application/yaml' },
      query: { dryRun, set, project, message, wait },
      ...(wait !== undefined && { waitMs: parseDuration(wait) }),
      body: joinDocuments(documents.map(({ text }) => text)),
    });
  } catch (error) {
    throw error instanceof Failure ? locatedFailure(error, documents) : error;
  }
}
