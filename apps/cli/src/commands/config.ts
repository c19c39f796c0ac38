import type { Command } from 'commander';
import type { ApplyFlags } from '../apply/apply-files.js';
import type { Session } from '../session.js';
import { collectPairs, withDryRun, withExamples, withOutput } from './options.js';

export function addConfig(program: Command, session: Session): void {
  const config = program.command('config').description('check and apply a maglev.yaml or resource file');
  withExamples(config, 'signalbox config check maglev.yaml', 'signalbox config reload maglev.yaml --dry-run');
  addCheck(config, session);
  addReload(config, session);
}

function addCheck(config: Command, session: Session): void {
  const command = config
    .command('check')
    .description('check a file without a site; exit code 0 right, 1 parse error, 2 semantic error')
    .argument('<file>', 'maglev.yaml or resources, YAML or JSON; - reads stdin')
    .option('--var <name=value...>', 'fill ${name} in the file', collectPairs);
  withExamples(
    command,
    'signalbox config check maglev.yaml',
    'signalbox config check site.yaml --var listenPort=9443',
    'cat maglev.yaml | signalbox config check -',
  ).action(async (file: string, flags: Pick<ApplyFlags, 'var'>) => {
    const { checkFile } = await import('../config/check-file.js');
    await checkFile(session, file, flags.var);
  });
}

function addReload(config: Command, session: Session): void {
  const command = config
    .command('reload')
    .description('apply a file: what left a maglev.yaml is removed')
    .argument('<file>', 'maglev.yaml or resources, YAML or JSON; - reads stdin')
    .option('--var <name=value...>', 'fill ${name} in the file', collectPairs)
    .option('-m, --message <text>', 'why, for the history');
  withExamples(
    withOutput(withDryRun(command)),
    'signalbox config reload maglev.yaml --dry-run',
    'signalbox config reload maglev.yaml -m "drain nginx2"',
  ).action(async (file: string, flags: ApplyFlags) => {
    const { applyFiles } = await import('../apply/apply-files.js');
    await applyFiles(session, [file], flags);
  });
}
