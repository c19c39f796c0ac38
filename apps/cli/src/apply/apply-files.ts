import { pathOf } from '../rest-client.js';
import type { ApplyAnswer } from '../rest-shapes.js';
import type { Session } from '../session.js';
import type { OutputFlags } from '../commands/options.js';
import { planText } from '../views/plan.view.js';
import { readDocuments, variablesOf } from './documents.js';

/** How files are applied. */
export interface ApplyFlags extends OutputFlags {
  readonly var?: Readonly<Record<string, string>>;
  readonly set?: string;
  readonly dryRun?: boolean;
  readonly message?: string;
}

/** Sends the files to the site as one atomic changeset and prints its plan. */
export async function applyFiles(
  session: Session,
  files: readonly string[],
  flags: ApplyFlags,
): Promise<void> {
  const { site, client, terminal } = session;
  const body = await readDocuments(files, { ...variablesOf(site), ...flags.var }, terminal);
  const answer = await client.call<ApplyAnswer>(pathOf('apply'), {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    query: { dryRun: flags.dryRun, set: flags.set, message: flags.message },
    body,
  });
  await session.printOne(answer, flags.output, () => planText(answer, session.paint()));
}
