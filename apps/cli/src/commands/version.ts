import type { Command } from 'commander';
import type { Session } from '../session.js';
import { withExamples } from './options.js';

export function addVersion(program: Command, session: Session): void {
  withExamples(program.command('version').description('print the version'), 'signalbox version').action(() =>
    session.print(`signalbox ${session.terminal.version}\n`),
  );
}
