import type { Command } from 'commander';
import type { Session } from '../session.js';
import type { WatchFlags } from '../watch/watch-words.js';
import { toCount, withExamples } from './options.js';

export function addWatch(program: Command, session: Session): void {
  const watch = program.command('watch').description('what happens, as it happens');
  withExamples(watch, 'signalbox watch events');
  const events = watch
    .command('events')
    .description('transitions of backends, frontends and nodes as JSON lines; the present states come first')
    .usage('[num <n>] [backend [<name>]] [frontend [<name>]] [node [<name>]] [options]')
    .argument('[words...]', 'num <n>, backend [<name>], frontend [<name>], node [<name>] in any order')
    .option('--num <n>', 'end after so many lines', toCount)
    .option('--backend <name>', 'only this backend; can be repeated', collect)
    .option('--frontend <name>', 'only this frontend; can be repeated', collect)
    .option('--project <name>', 'only of this project; with names: their project, default when left out')
    .option('--node <name>', 'only this node; can be repeated', collect)
    .option('--live', 'without the present states');
  withExamples(
    events,
    'signalbox watch events',
    'signalbox watch events num 10 backend nginx1',
    'signalbox watch events frontend --live',
  ).action(async (words: readonly string[], { live = false, ...flags }: WatchFlags & { live?: boolean }) => {
    const { readWatch } = await import('../watch/watch-words.js');
    const wanted = readWatch(words, flags);
    const { watchEvents } = await import('../watch/watch-events.js');
    await watchEvents(session, wanted, live);
  });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
