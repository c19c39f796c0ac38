import type { Command } from 'commander';
import { planText } from '../views/plan.view.js';
import { pathOf } from '../rest-client.js';
import type { ApplyAnswer } from '../rest-shapes.js';
import type { Session } from '../session.js';
import { collectPairs, type OutputFlags, withExamples, withOutput } from './options.js';

interface ApplyFlags extends OutputFlags {
  readonly file: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
  readonly set?: string;
  readonly dryRun?: boolean;
  readonly message?: string;
}

export function addApply(program: Command, session: Session): void {
  const command = program
    .command('apply')
    .description('bring resources to the state that files describe, as one atomic changeset')
    .requiredOption('-f, --file <file...>', 'YAML or JSON file; - reads stdin')
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs)
    .option('--set <name>', 'the files own this set: what left it is removed')
    .option('--dry-run', 'print the plan and change nothing')
    .option('-m, --message <text>', 'why, for the history');
  withExamples(
    withOutput(command),
    'signalbox apply -f site.yaml',
    'signalbox apply -f groups.yaml peers.yaml --set edge -m "add the edge site"',
    'signalbox apply -f onprem.yaml --var listenPort=9443 --var peerUrl=http://10.0.0.2:9443 --dry-run',
    'cat site.yaml | signalbox apply -f -',
  ).action(async (flags: ApplyFlags) => {
    const { readDocuments } = await import('../apply/documents.js');
    const { site, client, terminal } = session;
    const { pluginDir, secretDir } = site;
    const body = await readDocuments(
      flags.file,
      { ...(pluginDir && { pluginDir }), ...(secretDir && { secretDir }), ...flags.var },
      terminal,
    );
    const answer = await client.call<ApplyAnswer>(pathOf('apply'), {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      query: { dryRun: flags.dryRun, set: flags.set, message: flags.message },
      body,
    });
    await session.printOne(answer, flags.output, () => planText(answer, session.paint()));
  });
}
