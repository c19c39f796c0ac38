import { Argument, type Command } from 'commander';
import { type Shell, SHELLS } from '../completion/shells.js';
import type { Session } from '../session.js';
import { withExamples } from './options.js';

export function addCompletion(program: Command, session: Session): void {
  const command = program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS));
  withExamples(
    command,
    'eval "$(signalbox completion bash)"',
    'signalbox completion zsh > ~/.zfunc/_signalbox',
    'signalbox completion fish | source',
  ).action(async (shell: Shell) => {
    const { commandTree } = await import('../completion/command-tree.js');
    const { completionScript } = await import('../completion/scripts.js');
    session.print(completionScript(shell, commandTree(program)));
  });
}
