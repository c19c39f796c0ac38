import type { Command } from 'commander';
import { pathOf } from '../rest-client.js';
import type { DeadLetterItem, Page } from '../rest/answers.js';
import type { Session } from '../session.js';
import { DEAD_COLUMNS, deadText } from '../views/dead.view.js';
import {
  type ListFlags,
  type OutputFlags,
  withExamples,
  withOutput,
  withPaging,
  withWatch,
} from './options.js';

interface DeadListFlags extends ListFlags {
  readonly service?: string;
  readonly code?: string;
}

export function addDead(program: Command, session: Session): void {
  const dead = program.command('dead').description('messages that could not be processed');
  withExamples(dead, 'signalbox dead list', 'signalbox dead show 12');
  const list = dead
    .command('list')
    .description('dead letters')
    .option('--service <name>', 'only of this service')
    .option('--code <code>', 'only with this error code');
  withExamples(
    withWatch(withPaging(list)),
    'signalbox dead list',
    'signalbox dead list --service ingest --code bad-grammar -o wide',
  ).action(async ({ service, code, limit, after, watch, output }: DeadListFlags) =>
    session.drawn(watch, ['dead-letter'], async () => {
      const page = await session.client.call<Page<DeadLetterItem>>(pathOf('dead-letters'), {
        has: ['items'],
        query: { service, code, limit, after },
      });
      await session.printPage(page, DEAD_COLUMNS, output);
    }),
  );

  const show = dead
    .command('show')
    .description('one dead letter with its payload')
    .argument('<seq>', 'its number in the list');
  withExamples(withOutput(show), 'signalbox dead show 12').action(
    async (seq: string, { output }: OutputFlags) => {
      const item = await session.client.call<DeadLetterItem>(pathOf('dead-letters', seq), {
        ifMissing: 'signalbox dead list',
      });
      await session.printOne(item, output, deadText);
    },
  );
}
