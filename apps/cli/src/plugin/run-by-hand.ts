import {
  type Execution,
  type FactOutcome,
  PLUGIN_API,
  type PluginSpec,
  type ProposedPart,
} from '@signalbox/contracts';
import { toProposedPart } from '../../../plugin-runner/src/domain/proposed-part.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { readConfig } from '../offline/given-config.js';
import { BY_HAND, readFacts } from '../offline/given-facts.js';
import { OfflineSite } from '../offline/offline-site.js';
import { executablesOf, pluginPlace } from '../offline/plugin-place.js';
import { indented } from '../output/details.js';
import { dataText } from '../output/format.js';
import type { Session } from '../session.js';

/** How a plugin is run by hand. */
export interface RunByHandFlags {
  readonly file: readonly string[];
  readonly event?: string;
  readonly pluginDir?: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
  readonly output: 'yaml' | 'json';
}

/**
 * Runs one plugin of a file as the site would, and prints the part that it proposes; nothing is recorded. Throws what the site
 * would record as the error of the run.
 */
export async function runByHand(session: Session, name: string, flags: RunByHandFlags): Promise<void> {
  const resources = await readConfig(session, flags.file, flags.var);
  const declared = resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === PLUGIN_API && kind === 'Plugin' && metadata.name === name,
  );
  if (!declared)
    throw new Failure('not-found', `no Plugin "${name}" is in ${flags.file.join(', ')}`, EXIT.notFound, {
      next: 'check the name, and that the file declares the plugin',
    });
  const spec = declared.spec as unknown as PluginSpec;
  const nowMs = session.terminal.nowMs();
  const facts = flags.event === undefined ? [] : await readFacts(flags.event, BY_HAND, session.terminal);

  const place = await pluginPlace(session, flags.pluginDir, executablesOf([declared]));
  const site = new OfflineSite(resources, place, nowMs);
  const { execution, result, error } = await site.runPlugin(name, spec, facts).finally(() => site.stop());
  if (execution.stderr) session.terminal.err.write(indented(execution.stderr, '  | '));
  if (!result) throw error ?? new Error('the plugin gave neither a result nor an error');

  const proposal = { execution, outcomes: result.outcomes, part: toProposedPart(result) };
  await printProposal(session, name, proposal, flags.output);
}

/** How a plugin was run, and what it proposes. */
export interface Proposal {
  readonly execution?: Pick<Execution, 'durationMs' | 'exitCode'>;
  readonly outcomes?: readonly FactOutcome[];
  readonly part: ProposedPart;
}

/** Prints a part as it would stand; how it came about goes to stderr. */
export async function printProposal(
  session: Session,
  name: string,
  { execution, outcomes = [], part: proposed }: Proposal,
  output: 'yaml' | 'json',
): Promise<void> {
  const exit = execution?.exitCode === undefined ? '' : `, exit code ${execution.exitCode}`;
  session.note(`Plugin/${name} took ${Math.round(execution?.durationMs ?? 0)} ms${exit}`);
  for (const { eventId, outcome, reason } of outcomes)
    session.note(`event ${eventId}: ${outcome}${reason === undefined ? '' : `: ${reason}`}`);
  const part = {
    apiVersion: 'config.routerd.net/v1alpha1',
    kind: 'DynamicConfigPart',
    metadata: { name: `Plugin-${name}-1` },
    spec: { source: `Plugin/${name}`, generation: 1, ...proposed },
  };
  session.print(await dataText(part, output));
  if (proposed.resources.length + proposed.directives.length + proposed.actionPlans.length === 0)
    session.note(`it proposes nothing until ${proposed.expiresAt}`);
}
