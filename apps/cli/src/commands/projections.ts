import type { Command } from 'commander';
import { pathOf } from '../rest-client.js';
import type { Page, ProjectionItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import { PROJECTION_COLUMNS } from '../views/projection.view.js';
import { type OutputFlags, withExamples, withOutput, withPlainDryRun } from './options.js';

export function addProjections(program: Command, session: Session): void {
  const projections = program
    .command('projections')
    .description('tables that are folded from streams and can be folded again');
  withExamples(projections, 'signalbox projections list', 'signalbox projections verify');
  addList(projections, session);
  addVerify(projections, session);
  addRebuild(projections, session);
}

function addList(projections: Command, session: Session): void {
  const list = projections
    .command('list')
    .description('every projection, and how far it has read its stream');
  withExamples(withOutput(list), 'signalbox projections list', 'signalbox projections list -o wide').action(
    async ({ output }: OutputFlags) => {
      const { items } = await session.client.call<Page<ProjectionItem>>(pathOf('projections'), {
        has: ['items'],
      });
      await session.printRows(items, PROJECTION_COLUMNS, output);
    },
  );
}

function addVerify(projections: Command, session: Session): void {
  const verify = projections
    .command('verify')
    .description('fold projections again from their streams and compare; exit code 1 when some differ')
    .argument('[name...]', 'projections, default all');
  withExamples(
    withOutput(verify),
    'signalbox projections verify',
    'signalbox projections verify facts.default runs',
    'signalbox projections verify -o ndjson',
  ).action(async (names: string[], { output }: OutputFlags) => {
    const { verifyProjections } = await import('../projections/verify-projections.js');
    await verifyProjections(session, names, output);
  });
}

function addRebuild(projections: Command, session: Session): void {
  const rebuild = projections
    .command('rebuild')
    .description(
      'fold projections again from their streams and mend their tables; the site goes on meanwhile',
    )
    .argument('[name...]', 'projections, default all');
  withExamples(
    withPlainDryRun(withOutput(rebuild)),
    'signalbox projections rebuild',
    'signalbox projections rebuild facts.default runs',
    'signalbox projections rebuild -o ndjson',
  ).action(async (names: string[], { output }: OutputFlags) => {
    const { rebuildProjections } = await import('../projections/rebuild-projections.js');
    await rebuildProjections(session, names, output);
  });
}
