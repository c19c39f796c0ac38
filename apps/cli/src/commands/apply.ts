import type { Command } from 'commander';
import type { ApplyFlags } from '../apply/apply-files.js';
import type { Session } from '../session.js';
import { collectPairs, withDryRun, withExamples, withOutput } from './options.js';

export function addApply(program: Command, session: Session): void {
  const command = program
    .command('apply')
    .description('bring resources to the state that files describe, as one atomic changeset')
    .requiredOption('-f, --file <file...>', 'YAML or JSON file, or a directory of them; - reads stdin')
    .option('-R, --recursive', 'also the directories in a directory')
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs)
    .option('--set <name>', 'the files own this set: what left it is removed')
    .option(
      '--project <name>',
      'the files, and the set, are of this project: what names another one is refused',
    )
    .option('-m, --message <text>', 'why, for the history')
    .option('--wait <duration>', 'how long to wait until every service has followed (2s, at most 60s)');
  withExamples(
    withOutput(withDryRun(command)),
    'signalbox apply -f site.yaml',
    'signalbox apply -f groups.yaml peers.yaml --set edge -m "add the edge site"',
    'signalbox apply -f onprem.yaml --var listenPort=9443 --var peerUrl=http://10.0.0.2:9443 --dry-run',
    'signalbox apply -f shop.yaml --project web --set shop',
    'signalbox apply -f manifests/ -R',
    'signalbox get EventGroup cloudedge -o yaml | signalbox apply -f -',
  ).action(async ({ file, ...flags }: ApplyFlags & { readonly file: readonly string[] }) => {
    const { applyFiles } = await import('../apply/apply-files.js');
    await applyFiles(session, file, flags);
  });
}
