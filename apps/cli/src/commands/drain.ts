import type { Command } from 'commander';
import type { DrainAnswer } from '../rest/answers.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import {
  type OutputFlags,
  type ProjectFlags,
  withExamples,
  withOutput,
  withPlainDryRun,
  withProject,
} from './options.js';

interface DrainFlags extends OutputFlags, ProjectFlags {
  readonly listener?: string;
  readonly reason?: string;
  readonly expires?: string;
}

export function addDrain(program: Command, session: Session): void {
  const drain = program
    .command('drain')
    .description('no new connections for a backend: weight 0 wherever it is a target; what stands goes on')
    .option('--expires <duration>', 'the weights of the config again after so long: 30m, 1h');
  withExamples(
    withPlainDryRun(withOutput(withPlace(drain))),
    'signalbox drain web2 --reason "new kernel"',
    'signalbox drain web2 --listener shop --expires 1h',
  ).action((backend: string, flags: DrainFlags) => run(session, 'drain', backend, flags));
  const undrain = program.command('undrain').description('the weights of the config again for a backend');
  withExamples(withPlainDryRun(withOutput(withPlace(undrain))), 'signalbox undrain web2').action(
    (backend: string, flags: DrainFlags) => run(session, 'undrain', backend, flags),
  );
}

function withPlace(command: Command): Command {
  return withProject(
    command
      .argument('<backend>', 'the backend')
      .option('--listener <name>', 'only in this listener')
      .option('--reason <text>', 'why, for the history'),
  );
}

async function run(
  session: Session,
  verb: 'drain' | 'undrain',
  backend: string,
  { listener, reason, expires, project, output }: DrainFlags,
): Promise<void> {
  if (expires !== undefined) {
    const { checkDuration } = await import('../words/duration-flag.js');
    checkDuration('--expires', expires, 'signalbox drain --help');
  }
  const { body, pending } = await session.client.answer<DrainAnswer>(pathOf('backends', backend, verb), {
    method: 'POST',
    query: { project },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ listener, reason, expiresIn: expires }),
    ifMissing: 'signalbox show listeners',
    has: ['backend', 'targets'],
  });
  await session.printOne(body, output, ({ targets }) =>
    targets
      .map(
        ({ listener: name, pool, weight, effective }) =>
          `${backend} in ${name} pool ${pool}: weight ${weight} effective ${effective}\n`,
      )
      .join(''),
  );
  if (pending) session.notePending();
}
