import { WAITING_REASONS } from '@signalbox/contracts';
import { type Command, Option } from 'commander';
import { pathOf } from '../rest-client.js';
import type { PlannedAttempt, RunItem, RunPage } from '../rest/answers.js';
import type { Session } from '../session.js';
import { RUN_COLUMNS, runText } from '../views/run.view.js';
import {
  type ListFlags,
  NEWEST,
  type SinceFlags,
  withSince,
  withWatch,
  type OutputFlags,
  withExamples,
  withOutput,
  withPlainDryRun,
  withPaging,
} from './options.js';
import { sincePage } from '../words/since.js';
import { RUN_STATES } from './states.js';

interface RunListFlags extends ListFlags, SinceFlags {
  readonly subscription?: string;
  readonly eventId?: string;
  readonly state?: string;
}

export function addRun(program: Command, session: Session): void {
  const run = program.command('run').description('plugin runs');
  withExamples(run, 'signalbox run list --state failed');
  const list = run
    .command('list')
    .description('plugin runs, newest first')
    .option('--subscription <name>', 'only runs of this EventSubscription')
    .option('--event-id <id>', 'only runs for this fact')
    .addOption(new Option('--state <state>', 'only runs in it').choices(RUN_STATES));
  withExamples(
    withWatch(withSince(withPaging(list, NEWEST))),
    'signalbox run list --subscription address-claims',
    'signalbox run list --state failed --since 1h -o wide',
    'signalbox run list --watch',
  ).action(async ({ subscription, eventId, state, limit, after, since, watch, output }: RunListFlags) => {
    await session.drawn(watch, ['run'], async () => {
      const answer = await session.client.call<RunPage>(pathOf('runs'), {
        has: ['items'],
        query: {
          subscription: subscription?.replace(/^EventSubscription\//, ''),
          eventId,
          state,
          limit,
          after,
        },
      });
      const page = sincePage(
        answer,
        since,
        ({ plannedAt }) => plannedAt,
        session.terminal.nowMs(),
        'signalbox run list --help',
      );
      await session.printRows(page.items, RUN_COLUMNS, output);
      session.hintMore(page, 'newest');
      for (const { subscription: name, waitsFor, reason, facts } of page.waiting ?? [])
        session.note(
          `EventSubscription/${name} starts nothing, ${facts === 1 ? '1 fact waits' : `${facts} facts wait`}: ${waitsFor} ${WAITING_REASONS[reason]}`,
        );
    });
  });

  const show = run
    .command('show')
    .description('one run with its executions')
    .argument('<id>', 'id of the run');
  withExamples(withOutput(show), 'signalbox run show run-5f0c1e7a9b3d2c4855aa01fe').action(
    async (id: string, { output }: OutputFlags) => {
      const item = await session.client.call<RunItem>(pathOf('runs', id), {
        ifMissing: 'signalbox run list',
        has: ['runId'],
      });
      await session.printOne(item, output, runText);
    },
  );

  const retry = run
    .command('retry')
    .description('have a run that failed tried once more')
    .argument('<id>', 'id of the run');
  withExamples(withPlainDryRun(withOutput(retry)), 'signalbox run retry run-5f0c1e7a9b3d2c4855aa01fe').action(
    async (id: string, { output }: OutputFlags) => {
      const planned = await session.client.call<PlannedAttempt>(pathOf('runs', id, 'retry'), {
        method: 'POST',
        ifMissing: 'signalbox run list --state failed',
        has: ['runId', 'attempt'],
      });
      await session.printOne(
        planned,
        output,
        ({ runId, attempt }) => `${runId}: attempt ${attempt} is planned\n`,
      );
    },
  );
}
