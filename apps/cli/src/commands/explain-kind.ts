import type { Command } from 'commander';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput } from './options.js';

interface ExplainKindFlags extends OutputFlags {
  readonly recursive?: boolean;
}

export function addExplainKind(program: Command, session: Session): void {
  const command = program
    .command('explain-kind')
    .description('what a kind is for, and its fields with type, default, bounds and meaning; needs no site')
    .argument(
      '[kind.path]',
      'a kind, or a field of it such as EventSubscription.spec.match; absent: all kinds',
    )
    .option('-r, --recursive', 'all fields below it, not the next ones alone');
  withExamples(
    withOutput(command),
    'signalbox explain-kind',
    'signalbox explain-kind EventSubscription.spec.match',
    'signalbox explain-kind Listener --recursive',
  ).action(async (place: string | undefined, { output, recursive = false }: ExplainKindFlags) => {
    const { kindColumns, fieldText, findPlace, kindList } = await import('../views/kind.view.js');
    if (place === undefined) return session.printRows(kindList(), kindColumns, output);
    const found = findPlace(place, recursive);
    await session.printOne(found, output, () => fieldText(found));
  });
}
