import { parseDuration } from '@signalbox/contracts';
import type { Command } from 'commander';
import { printAnswer } from '../apply/print-answer.js';
import { pathOf } from '../rest-client.js';
import type { ApplyAnswer, Page, RevisedItem, RevisionItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import { REVISED_COLUMNS, REVISION_COLUMNS } from '../views/revision.view.js';
import { sincePage } from '../words/since.js';
import { checkDuration } from '../words/duration-flag.js';
import {
  type DryRunFlags,
  type ListFlags,
  NEWEST,
  type OutputFlags,
  toRevision,
  withDryRun,
  withExamples,
  withOutput,
  withPaging,
  type SinceFlags,
  withSince,
  withWatch,
} from './options.js';

interface RollbackFlags extends OutputFlags, DryRunFlags {
  readonly message?: string;
  readonly wait?: string;
}

export function addRollback(program: Command, session: Session): void {
  addHistory(program, session);
  const command = program
    .command('rollback')
    .description('bring all operator resources back to how they stood at a revision, by a new changeset')
    .argument('<revision>', 'a revision of signalbox history', toRevision)
    .option('-m, --message <text>', 'why, for the history')
    .option('--wait <duration>', 'how long to wait until every service has followed (2s, at most 60s)');
  withExamples(
    withOutput(withDryRun(command)),
    'signalbox rollback 42 --dry-run',
    'signalbox rollback 42 -m "the new listener dropped clients"',
  ).action(async (to: number, { dryRun, message, wait, ...flags }: RollbackFlags) => {
    if (wait !== undefined) checkDuration('--wait', wait, 'signalbox rollback --help');
    const answer = await session.client.call<ApplyAnswer>(pathOf('rollback'), {
      method: 'POST',
      has: ['revision', 'plan'],
      changesNothing: dryRun === true,
      ifMissing: 'signalbox history',
      query: { to, dryRun, message, wait },
      ...(wait !== undefined && { waitMs: parseDuration(wait) }),
    });
    await printAnswer(session, answer, flags);
  });
}

function addHistory(program: Command, session: Session): void {
  const command = program
    .command('history')
    .description('changesets of operator resources, newest first, or what one of them changed')
    .argument('[revision]', 'only what this one changed', toRevision);
  withExamples(
    withWatch(withSince(withPaging(command, NEWEST))),
    'signalbox history',
    'signalbox history --since 24h',
    'signalbox history 42',
  ).action(
    async (revision: number | undefined, { limit, after, since, watch, output }: ListFlags & SinceFlags) =>
      session.drawn(watch, ['resource'], async () => {
        const asked = { has: ['items'], query: { limit, after }, ifMissing: 'signalbox history' };
        if (revision === undefined) {
          const answer = await session.client.call<Page<RevisionItem>>(pathOf('revisions'), asked);
          const page = sincePage(
            answer,
            since,
            ({ at }) => at,
            session.terminal.nowMs(),
            'signalbox history --help',
          );
          await session.printRows(page.items, REVISION_COLUMNS, output);
          return session.hintMore(page, 'newest');
        }
        const path = pathOf('revisions', String(revision));
        const page = await session.client.call<Page<RevisedItem>>(path, asked);
        await session.printPage(page, REVISED_COLUMNS, output);
      }),
  );
}
